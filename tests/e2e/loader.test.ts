/** What happens in a page before the wasm is there, and to a page that goes before it comes. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Stats } from "beaconry";
import type { Page } from "playwright-core";
import { closeTab } from "./support/browser.ts";
import { required } from "./support/environment.ts";
import type { StoredRecord } from "./support/events.ts";
import { createSite, type Site } from "./support/scriptTagSite.ts";
import { until } from "./support/until.ts";

const patience = 30_000;
let site: Site;
let app = 0;

before(async () => {
  const start = (options: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
    <link rel="icon" href="data:,"><script src="beaconry/loader.js"></script>
    <script>
      const app = new URLSearchParams(location.search).get("app");
      beaconry.init({ endpoint: "/api/telemetry/batch", token: "${required("BEACONRY_TOKEN")}", app, flushIntervalMs: 200, ${options} });
      setTimeout(() => {
        window.brokenAt = Date.now();
        throw new TypeError("early");
      });
      for (let mark = 1; mark <= 5; mark += 1) beaconry.event("marked", { mark });
    </script>`;
  const client = `<script src="beaconry/beaconry.global.js" defer></script>`;
  const end = `</head><body><p>A page.</p></body></html>`;
  site = await createSite({
    "page.html": start("") + client + end,
    "off.html": start("enabled: false") + client + end,
    "alone.html": start("") + end,
    "worker.html": `<!doctype html><title>A page</title><link rel="icon" href="data:,"><script>
      window.worker = new Worker("worker.js" + location.search);
      worker.onmessage = ({ data }) => (window.stats = data);
    </script>`,
    "worker.js": `importScripts("beaconry/beaconry.global.js");
      const app = new URLSearchParams(location.search).get("app");
      const options = { endpoint: "/api/telemetry/batch", token: "${required("BEACONRY_TOKEN")}", app };
      const wasm = new URL("beaconry/beaconry_bg.wasm", location.href);
      beaconry.event("marked", { mark: 1 });
      beaconry.init({ ...options, wasm }).then(() => beaconry.flush()).then(() => postMessage(beaconry.stats()));`,
    "other.html": `<!doctype html><title>Another page</title><link rel="icon" href="data:,"><p>Another page.</p>`,
  });
});

beforeEach(() => {
  app += 1;
});

after(() => site?.close());

test("errors and calls from before the wasm are stored in their order, with their own times", async () => {
  const release = await site.holdWasm();
  const page = await open("page.html");
  await untilBroken(page);
  const [brokenAt, seenAt] = await page.evaluate<[number, number]>("[brokenAt, Date.now()]");
  // Late enough for its own time to be another than this.
  await page.waitForTimeout(1_500);
  await page.evaluate("beaconry.event('marked', { mark: 6 })");
  await release();
  await untilStored(7);
  const records = (await stored()).sort((one, other) => one.seq - other.seq);
  assert.deepEqual(records.flatMap(({ context }) => context?.mark ?? []), [1, 2, 3, 4, 5, 6]);
  const error = records.find(({ type }) => type === "error");
  const timestamp = Date.parse(error?.timestamp ?? "");
  assert.ok(timestamp > brokenAt - 500 && timestamp < seenAt + 500, `${error?.timestamp}, broken at ${brokenAt}, seen at ${seenAt}`);
  assert.equal((await statsOf(page)).withoutWasm, 0);
  await page.close();
});

test("a page that is closed before the wasm comes leaves its records at the server, once", async () => {
  const release = await site.holdWasm();
  const page = await open("page.html");
  await untilTaken(page);
  await closeTab(page);
  await untilStored(6);
  await release();
  const next = await open("other.html");
  await next.waitForTimeout(1_000);
  assert.equal((await stored()).length, 6);
  await next.close();
});

test("a page that is closed before the client itself comes leaves its records at the server, once", async () => {
  const page = await open("alone.html");
  await untilBroken(page);
  await closeTab(page);
  await untilStored(6);
});

test("a page that was sent while it was hidden and comes back makes nothing twice", async () => {
  const release = await site.holdWasm();
  const page = await open("page.html");
  await untilTaken(page);
  await page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
  await untilStored(6);
  await page.evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
  await page.evaluate("beaconry.event('marked', { mark: 7 })");
  await release();
  await untilStored(7);
  assert.ok(await until(async () => (await statsOf(page)).acknowledged === 1, patience), JSON.stringify(await statsOf(page)));
  await page.waitForTimeout(1_000);
  assert.equal((await stored()).length, 7);
  const { withoutWasm, handedOver, recorded, acknowledged } = await statsOf(page);
  assert.deepEqual({ withoutWasm, handedOver, recorded, acknowledged }, { withoutWasm: 6, handedOver: 6, recorded: 7, acknowledged: 1 });
  await page.close();
});

test("two tabs have a loader and a stream each", async () => {
  const [first, second] = await Promise.all([open("page.html"), open("page.html")]);
  await untilStored(12);
  const streams = new Set((await stored()).map(({ stream }) => stream));
  assert.deepEqual([streams.size, (await stored()).length], [2, 12]);
  await first.close();
  await second.close();
});

test("a worker has the same client", async () => {
  const page = await open("worker.html");
  await untilStored(1);
  assert.ok(await until(() => page.evaluate<boolean>("'stats' in window"), patience), "the worker says nothing");
  const { acknowledged, storage } = await page.evaluate<Stats>("stats");
  assert.deepEqual({ acknowledged, storage }, { acknowledged: 1, storage: "indexedDB" });
  await page.close();
});

test("the wasm of a client that is off is not fetched, and nobody listens", async () => {
  const before = site.door.visits.length;
  const page = await open("off.html");
  await until(async () => (await statsOf(page)).discarded["disabled"] !== undefined, patience);
  await page.evaluate("beaconry.log('info', 'x')");
  await page.waitForTimeout(500);
  const asked = site.door.visits.slice(before).filter(({ url }) => url.endsWith(".wasm") || url.startsWith("/api/"));
  assert.deepEqual(asked, []);
  // One error may come before it is known.
  const { discarded, recorded, enabled } = await statsOf(page);
  assert.deepEqual([discarded, enabled], [{ disabled: recorded }, false]);
  await page.close();
});

function open(page: string): Promise<Page> {
  return site.open(`${page}?app=app-${app}`);
}

async function stored(): Promise<Stored[]> {
  return ((await site.stored()) as Stored[]).filter((record) => record.app === `app-${app}`);
}

/** A line of the journal, as far as it is looked at here. */
interface Stored extends StoredRecord {
  readonly app: string;
  readonly timestamp: string;
  readonly context?: { readonly mark?: number };
}

async function untilStored(count: number): Promise<void> {
  const isDone = async () => (await stored()).length >= count;
  assert.ok(await until(isDone, patience), `stored: ${JSON.stringify(await stored())}`);
}

function statsOf(page: Page): Promise<Stats> {
  return page.evaluate<Stats>("beaconry.stats()");
}

/** Until the page has thrown its error. */
async function untilBroken(page: Page): Promise<void> {
  await page.waitForFunction("'brokenAt' in window");
}

/** Until the client has what the loader kept. */
async function untilTaken(page: Page): Promise<void> {
  const isTaken = async () => page.evaluate<boolean>("typeof beaconry.stats === 'function' && beaconry.stats().waiting === 6");
  assert.ok(await until(isTaken, patience), "the client has not taken over");
  // What it decides after the first paint is decided.
  await page.waitForTimeout(500);
}
