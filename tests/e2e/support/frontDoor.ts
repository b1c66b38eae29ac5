/** One address for pages and server: every request goes through it, and is kept for those who ask what was asked for. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { close, listen } from "./app.ts";

/** A request as it came, its body inflated. */
export interface Visit {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface FrontDoor {
  readonly url: string;
  readonly visits: readonly Visit[];
  /** Where requests go from now on: `/api/…` to the server, everything else to the pages. */
  lead(pages: string, server: string): void;
  /** Closes the connection of everything that is meant for the server, or no longer. */
  shut(isShut: boolean): void;
  close(): Promise<void>;
}

export async function createFrontDoor(): Promise<FrontDoor> {
  const visits: Visit[] = [];
  const targets = { pages: "", server: "" };
  let isShut = false;

  const host = createServer((request, response) => {
    void meet(request, response).catch(() => response.destroy());
  });

  async function meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeBody(request);
    const { method = "GET", url = "/", headers } = request;
    visits.push({ method, url, body: inflated(body, headers["content-encoding"]) });
    const isForServer = url.startsWith("/api/");
    if (isForServer && isShut) return void response.destroy();
    const to = new URL(url, isForServer ? targets.server : targets.pages);
    const asking = httpRequest(to, { method, headers: { ...headers, connection: "close" }, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asking.once("error", () => response.destroy());
    asking.end(body);
  }

  return {
    url: await listen(host, 0),
    visits,
    lead: (pages, server) => void Object.assign(targets, { pages, server }),
    shut: (shut) => (isShut = shut),
    close: () => close(host),
  };
}

function inflated(body: Buffer, encoding: string | undefined): string {
  return (encoding === "gzip" ? gunzipSync(body) : body).toString("utf8");
}

async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
