/**
 * Stands between the pages and the real server, and does to requests and answers what networks do. It knows batches
 * from other requests and nothing else of Beaconry; what it does to a batch is a `Behaviour`.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { OutgoingHttpHeaders } from "node:http";
import { close, listen } from "../support/app.ts";

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** One request of a page, read to its end. */
export interface Exchange {
  readonly method: string;
  readonly body: Buffer;
  /** Asks the real server. Fails if that is not there. */
  ask(): Promise<Answer>;
  answer(answer: Answer): void;
  /** Answers with headers that promise more than comes. */
  cut(answer: Answer): void;
  /** Closes the connection without an answer. */
  drop(): void;
}

export type Behaviour = (exchange: Exchange) => Promise<void> | void;

export interface Proxy {
  readonly url: string;
  /** What happens to batches from now on. */
  behave(behaviour: Behaviour): void;
  /** What happens to everything else, such as preflights. */
  behaveElsewhere(behaviour: Behaviour): void;
  /** Batches that met another behaviour than `pass`. */
  readonly harmed: () => number;
  /** Batches that came, and the bytes of their bodies as they were sent. */
  readonly sent: () => { readonly batches: number; readonly bytes: number };
  close(): Promise<void>;
}

/** Asks the server and hands its answer on; where it is dead, so is the connection. */
export const pass: Behaviour = async (exchange) => {
  await exchange.ask().then(exchange.answer, exchange.drop);
};

export const refuse: Behaviour = ({ drop }) => drop();

/** The first `count` batches meet a fault. */
export function first(count: number, fault: Behaviour, then: Behaviour = pass): Behaviour {
  let met = 0;
  return (exchange) => {
    met += 1;
    return met <= count ? fault(exchange) : then(exchange);
  };
}

export async function createProxy(serverUrl: string): Promise<Proxy> {
  let onBatch = pass;
  let onOther = pass;
  const sent = { batches: 0, bytes: 0 };
  let harmed = 0;

  const host = createServer((request, response) => {
    void meet(request, response).catch(() => response.destroy());
  });

  async function meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeBody(request);
    const isBatch = request.method === "POST";
    if (isBatch) {
      sent.batches += 1;
      sent.bytes += body.length;
      if (onBatch !== pass) harmed += 1;
    }
    await (isBatch ? onBatch : onOther)(exchangeOf(serverUrl, request, body, response));
  }

  return {
    url: await listen(host, 0),
    behave: (behaviour) => (onBatch = behaviour),
    behaveElsewhere: (behaviour) => (onOther = behaviour),
    harmed: () => harmed,
    sent: () => ({ ...sent }),
    close: () => close(host),
  };
}

function exchangeOf(serverUrl: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Exchange {
  return {
    method: request.method ?? "GET",
    body,
    ask: () => ask(serverUrl, request, body),
    answer({ status, headers, body }) {
      response.writeHead(status, { ...withoutLength(headers), "content-length": body.length }).end(body);
    },
    cut({ status, headers, body }) {
      response.writeHead(status, { ...withoutLength(headers), "content-length": body.length });
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
    },
    drop: () => void response.destroy(),
  };
}

/** A connection of its own for each request: a server that was killed leaves no half-open ones behind. */
function ask(serverUrl: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, connection: "close" }, agent: false };
    const asking = httpRequest(new URL(url ?? "/", serverUrl), options, (answer) => {
      wholeBody(answer).then(
        (body) => resolve({ status: answer.statusCode ?? 0, headers: withoutHops(answer.headers), body }),
        reject,
      );
    });
    asking.once("error", reject);
    asking.end(body);
  });
}

async function wholeBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function withoutHops({ connection, "transfer-encoding": _, ...headers }: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return headers;
}

function withoutLength({ "content-length": _, ...headers }: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return headers;
}
