/** Serves the built app from memory of nothing but its folder: a static host, as the app would have. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

export interface AppHost {
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0 for any that is free */
export async function hostApp(folder: string, port: number, headers: Readonly<Record<string, string>> = {}): Promise<AppHost> {
  const host = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    void answer(folder, new URL(request.url ?? "/", "http://app").pathname, response);
  });
  return { url: await listen(host, port), close: () => close(host) };
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

/** Where it then listens. */
export function listen(host: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    host.once("error", reject);
    host.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${(host.address() as AddressInfo).port}`));
  });
}

export function close(host: Server): Promise<void> {
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
