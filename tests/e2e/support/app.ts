/** Serves the built app from memory of nothing but its folder: a static host, as the app would have. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";

export interface AppHost {
  readonly url: string;
  close(): Promise<void>;
}

export async function hostApp(folder: string, port: number): Promise<AppHost> {
  const host = createServer((request, response) => {
    void answer(folder, new URL(request.url ?? "/", "http://app").pathname, response);
  });
  await listen(host, port);
  return { url: `http://127.0.0.1:${port}`, close: () => close(host) };
}

async function answer(folder: string, path: string, response: ServerResponse): Promise<void> {
  const wanted = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
  const isFile = await stat(wanted).then((found) => found.isFile(), () => false);
  if (!isFile) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "Content-Type": types[extname(wanted)] ?? "application/octet-stream" });
  createReadStream(wanted).pipe(response);
}

function listen(host: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    host.once("error", reject);
    host.listen(port, "127.0.0.1", resolve);
  });
}

function close(host: Server): Promise<void> {
  host.closeAllConnections();
  return new Promise((resolve) => host.close(() => resolve()));
}

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
