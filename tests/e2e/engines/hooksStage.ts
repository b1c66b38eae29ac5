/** A page with the hooks, the real server behind one door, and a door of another origin that notes what it is asked. */
import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { close, listen } from "../support/app.ts";
import type { EnginePage } from "../support/engine.ts";
import { journalLines } from "../support/journal.ts";
import { until } from "../support/until.ts";
import type { HooksWindow } from "../pages/hooks.ts";
import { createWatchedStage, patience, type WatchedStage } from "./watchedStage.ts";

export interface HooksStage {
  readonly watched: WatchedStage;
  readonly stranger: Stranger;
  /** Opens the page; its client is started, its hooks are not. */
  open(): Promise<EnginePage>;
  close(): Promise<void>;
}

/** A record as it is stored. */
export interface Stored {
  readonly type: string;
  readonly stream: string;
  readonly name?: string;
  readonly message?: string;
  readonly level?: string;
  readonly errorType?: string;
  readonly value?: number;
  readonly duration?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly status?: string;
  readonly attribution?: Readonly<Record<string, unknown>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

export async function createHooksStage(): Promise<HooksStage> {
  const [watched, stranger] = [await createWatchedStage(), await createStranger()];

  async function open(): Promise<EnginePage> {
    const page = await watched.browser.newPage(`${watched.door.url}/hooks.html`);
    assert.ok(await until(() => page.evaluate("'page' in window"), patience), "the page has no hooks");
    await page.evaluate(async (config) => void (await (window as unknown as HooksWindow).page.init(config)), watched.config);
    return page;
  }

  async function end(): Promise<void> {
    await watched.close();
    await stranger.close();
  }
  return { watched, stranger, open, close: end };
}

/** What is stored of a page, when it has delivered everything. */
export async function storedOf(stage: HooksStage, page: EnginePage): Promise<Stored[]> {
  const all = async (): Promise<Stored[]> => {
    const stream = await page.evaluate(() => (window as unknown as HooksWindow).page.telemetry.stats().stream);
    const lines = (await journalLines(stage.watched.server.data)).map((line) => JSON.parse(line) as Stored);
    return lines.filter((record) => record.stream === stream);
  };
  const isThere = await until(async () => {
    await page.evaluate("page.telemetry.flush().then(() => null)");
    return page.evaluate(() => {
      const { waiting, inFlight } = (window as unknown as HooksWindow).page.telemetry.stats();
      return waiting + inFlight === 0;
    });
  }, patience);
  assert.ok(isThere, "not everything is delivered");
  return all();
}

/** Waits until what comes in the browser's own time is stored too: a record for each of `wanted`. All that is stored. */
export async function untilStored(stage: HooksStage, page: EnginePage, wanted: readonly ((record: Stored) => boolean)[]): Promise<Stored[]> {
  let records: Stored[] = [];
  const isThere = await until(async () => {
    records = await storedOf(stage, page);
    return wanted.every((fits) => records.some(fits));
  }, patience);
  const missing = wanted.filter((fits) => !records.some(fits));
  assert.ok(isThere, `not stored: ${missing.join("; ")} in ${JSON.stringify(records)}`);
  return records;
}

interface Stranger {
  readonly url: string;
  readonly asked: readonly { readonly method: string; readonly traceparent: string | undefined; readonly path: string }[];
  close(): Promise<void>;
}

/** Another origin, which allows everything, and answers `/slow` bit by bit: the rest when it is asked to go on. */
async function createStranger(): Promise<Stranger> {
  const asked: { method: string; traceparent: string | undefined; path: string }[] = [];
  const slow: ServerResponse[] = [];
  const host = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push({ method: request.method ?? "", traceparent: request.headers["traceparent"] as string | undefined, path });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    response.setHeader("Access-Control-Allow-Methods", "*");
    if (path.startsWith("/hangs")) return;
    if (path.startsWith("/go-on")) slow.splice(0).forEach((waiting) => waiting.end("second"));
    if (!path.startsWith("/slow")) return void response.writeHead(path.startsWith("/fails") ? 503 : 200).end("answered");
    response.writeHead(200).write("first ");
    slow.push(response);
  });
  return { url: await listen(host, 0), asked, close: () => close(host) };
}
