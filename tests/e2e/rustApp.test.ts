/** An app in Rust: what its buttons tell, and what it says when it panics. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { closeTab } from "./support/browser.ts";
import { createChromiumStage, type ChromiumStage } from "./support/chromiumStage.ts";
import { storedRecords } from "./support/events.ts";
import { journalRecords, type JournalRecord } from "./support/journal.ts";
import { until } from "./support/until.ts";

let stage: ChromiumStage;

before(async () => {
  stage = await createChromiumStage("BEACONRY_RUST_APP_DIST");
});

after(() => stage?.close());

test("what each button tells is stored once, with its context", async () => {
  const { page, stream } = await openApp();
  await page.getByTestId("log").click();
  await page.getByTestId("error").click();
  await page.getByTestId("load").click();
  await closeTab(page);

  const [log, error, event, span, ...more] = await stored(stream, 4);
  assert.deepEqual(more, []);
  assert.deepEqual([log?.type, log?.message, log?.context], ["log", "Button pressed", { presses: 1 }]);
  assert.deepEqual([error?.type, error?.errorType, error?.context], ["error", "ParseIntError", { field: "score" }]);
  assert.equal(error?.handled, true);
  assert.match(error?.stack ?? "", /wasm/);
  assert.deepEqual([event?.type, event?.message, event?.context?.["questions"]], ["log", "questions loaded", 3]);
  assert.deepEqual([span?.type, span?.name, span?.context?.["topic"]], ["trace", "load_questions", "Math"]);
  assert.deepEqual(
    [event?.context?.["traceId"], event?.context?.["spanId"]],
    [span?.traceId, span?.spanId],
    "the event does not know the span that it happened in",
  );
  assert.match(span?.traceId ?? "", /^[0-9a-f]{32}$/);
});

test("when a panic ends the wasm, what it said is on the storage and on its way", async () => {
  const { page, stream } = await openApp();
  const problems: string[] = [];
  page.on("pageerror", (problem) => problems.push(problem.message));
  await page.getByTestId("log").click();
  const atOnce = await panicAndLook(page);
  assert.equal(atOnce.spooled, true, "the panic is not on the storage when the button's handler is over");
  assert.deepEqual(atOnce.requests, [{ keepalive: true, hasLog: true, hasPanic: true }]);
  assert.equal(problems.length, 1, `one trap: ${problems.join()}`);

  const [log, panic, ...more] = await stored(stream, 2);
  assert.deepEqual(more, []);
  assert.equal(log?.message, "Button pressed");
  assertPanic(panic);
  await page.close();
});

test("a panic that cannot be sent is sent by the next page, once", async () => {
  const { page, stream } = await openApp();
  await stage.server.kill();
  await page.getByTestId("log").click();
  await page.getByTestId("panic").click();
  await stage.server.start();
  await page.reload();
  await page.getByTestId("panic").waitFor();

  const [log, panic, ...more] = await stored(stream, 2);
  assert.deepEqual(more, []);
  assert.equal(log?.message, "Button pressed");
  assertPanic(panic);
  await page.close();
});

/** A line of the journal with the fields that an app in Rust fills. */
interface RustRecord extends JournalRecord {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly handled?: boolean;
  readonly severity?: string;
  readonly stack?: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

interface AtOnce {
  readonly spooled: boolean;
  readonly requests: readonly { keepalive: boolean; hasLog: boolean; hasPanic: boolean }[];
}

async function openApp(): Promise<{ page: Page; stream: string }> {
  const page = await stage.browser.open(stage.app);
  const stream = await page.getByTestId("stream").textContent();
  assert.match(stream ?? "", /^[0-9a-f]{32}$/);
  return { page, stream: stream ?? "" };
}

/** Presses the button and looks in the same task: no timer has fired and no promise has gone on. */
function panicAndLook(page: Page): Promise<AtOnce> {
  return page.evaluate(() => {
    const requests: { keepalive: boolean; hasLog: boolean; hasPanic: boolean }[] = [];
    const says = "index out of bounds";
    const realFetch = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      const body = String(init?.body);
      const hasLog = body.includes("Button pressed");
      requests.push({ keepalive: init?.keepalive === true, hasLog, hasPanic: body.includes(says) });
      return realFetch(input, init);
    };
    document.querySelector<HTMLElement>("[data-testid=panic]")?.click();
    const spool = Object.keys(localStorage).filter((key) => key.startsWith("beaconry:1:leptos:"));
    return { spooled: spool.some((key) => localStorage.getItem(key)?.includes(says)), requests: [...requests] };
  });
}

function assertPanic(panic: RustRecord | undefined): void {
  assert.deepEqual(
    [panic?.type, panic?.errorType, panic?.severity, panic?.handled],
    ["error", "panic", "critical", false],
  );
  assert.match(panic?.message ?? "", /^index out of bounds: the len is 0 but the index is 7$/);
  assert.match(String(panic?.context?.["location"]), /^src\/app\.rs:\d+:\d+$/);
  assert.match(panic?.stack ?? "", /beaconry_leptos::app/, "the stack does not reach the app");
}

/** The lines of a stream in the order in which the page made them: as many as expected, and no second copy. */
async function stored(stream: string, count: number): Promise<RustRecord[]> {
  const read = async () => (await journalRecords(stage.data, stream)) as RustRecord[];
  await until(async () => (await read()).length >= count, patience);
  const shown = async () => (await storedRecords(stage.server.url, stream)).length;
  assert.ok(await until(async () => (await shown()) >= count, patience), `${await shown()} of ${count} are shown`);
  return (await read()).sort((one, other) => one.seq - other.seq);
}

const patience = 30_000;
