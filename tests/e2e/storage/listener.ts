/** Serves the page that writes and reads, and hears what it says. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { until } from "../support/until.ts";

/** A value that a store has taken. */
export interface Written {
  readonly store: string;
  readonly n: number;
  /** When the store said so, in epoch milliseconds. */
  readonly at: number;
}

export interface Listener {
  readonly url: string;
  /** What was said to be written since the last question. */
  takeWritten(): Written[];
  /** Waits until as much was said to be written. */
  untilWritten(count: number): Promise<void>;
  /** Waits for a page to say what is there: the numbers by store. */
  untilFound(): Promise<Readonly<Record<string, readonly number[]>>>;
  close(): void;
}

export async function listen(): Promise<Listener> {
  let written: Written[] = [];
  let found: Record<string, readonly number[]> | undefined;

  async function hear(request: IncomingMessage): Promise<void> {
    const said: unknown = JSON.parse(await text(request));
    if (request.url === "/written") written.push(said as Written);
    if (request.url === "/found") found = said as Record<string, readonly number[]>;
  }

  const host = createServer((request, response) => {
    if (request.method === "POST") {
      void hear(request).finally(() => response.writeHead(204).end());
    } else if (request.url === "/writer.js") {
      void readFile(writer).then((script) => response.writeHead(200, { "Content-Type": "text/javascript" }).end(script));
    } else {
      response.writeHead(200, { "Content-Type": "text/html" }).end(page);
    }
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");

  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}/`,
    takeWritten: () => written.splice(0),
    untilWritten: async (count) => {
      if (!(await until(async () => written.length >= count, patience))) throw new Error("the page does not write");
    },
    untilFound: async () => {
      if (!(await until(async () => found !== undefined, patience))) throw new Error("the page does not read");
      const answer = found ?? {};
      found = undefined;
      return answer;
    },
    close: () => {
      host.closeAllConnections();
      host.close();
    },
  };
}

const writer = fileURLToPath(new URL("writer.js", import.meta.url));
const page = '<!doctype html><title>stores</title><script type="module" src="/writer.js"></script>';
const patience = 30_000;
