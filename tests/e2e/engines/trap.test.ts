/** The wasm breaks in a real page: nobody hears of it, and nothing is lost that was on the storage. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Config } from "beaconry";
import type { EnginePage } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { createWatchedStage, numbers, patience, recordMarks, statsOf, type ToolboxWindow, type WatchedStage } from "./watchedStage.ts";

let stage: WatchedStage;

before(async () => {
  stage = await createWatchedStage();
});

after(() => stage?.close());

test("a trap reaches nobody, the next instance delivers what the broken one spooled, and a second trap ends it", async () => {
  const page = await stage.open();
  await page.evaluate((config: Config) => (window as unknown as ToolboxWindow).toolbox.init(config).then(() => null), stage.config);

  stage.door.shut(true);
  await recordMarks(page, 1, 20);
  await untilSpooled(page, 20);
  const { stream } = await statsOf(page);
  // A browser of 2021, or an app that replaced it.
  await page.evaluate(() => Reflect.deleteProperty(Array.prototype, "at"));
  await breakInTimer(page);
  const restarted = await until(async () => (await statsOf(page)).restarts === 1 && (await isEnabled(page)), patience);
  assert.ok(restarted, `it does not go on: ${JSON.stringify(await statsOf(page))}`);
  await recordMarks(page, 21, 20);
  stage.door.shut(false);
  const isStored = async () => (await stage.marks()).length >= 40;
  assert.ok(await until(isStored, patience), `stored: ${String(await stage.marks())}, ${JSON.stringify(await statsOf(page))}`);
  assert.deepEqual((await stage.marks()).sort((one, other) => one - other), numbers(1, 40));
  const first = await statsOf(page);
  assert.deepEqual([first.traps, first.restarts, first.enabled], [1, 1, true]);
  assert.notEqual(first.stream, stream);
  assert.deepEqual(await noise(page), { uncaught: [], said: [] });

  stage.door.shut(true);
  await recordMarks(page, 41, 20);
  await untilSpooled(page, 20);
  await breakInTimer(page);
  assert.ok(await until(async () => (await statsOf(page)).traps === 2, patience), "it has not broken again");
  await recordMarks(page, 61, 5);
  const second = await statsOf(page);
  assert.deepEqual([second.restarts, second.enabled, await isEnabled(page)], [1, false, false]);
  assert.equal(second.discarded["client_failed"], 5);
  const { uncaught, said } = await noise(page);
  assert.deepEqual([uncaught, said.length], [[], 1], String(said));
  // Nobody else could send what the page holds as long as it is there.
  assert.deepEqual(await page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name)), []);
  await page.close();

  stage.door.shut(false);
  const next = await stage.open();
  await next.evaluate((config: Config) => (window as unknown as ToolboxWindow).toolbox.init(config).then(() => null), stage.config);
  assert.ok(await until(async () => (await stage.marks()).length >= 60, patience), "the next page has not delivered the rest");
  assert.deepEqual((await stage.marks()).sort((one, other) => one - other), numbers(1, 60));
  await next.close();
});

/** The clock throws once, at whatever asks for the time first: with nothing else going on, the client's own timer. */
async function breakInTimer(page: EnginePage): Promise<void> {
  await page.evaluate(() => {
    performance.now = () => {
      Reflect.deleteProperty(performance, "now");
      throw new Error("the clock is broken");
    };
  });
}

async function untilSpooled(page: EnginePage, count: number): Promise<void> {
  const spooled = () => page.evaluate<boolean, []>("Object.keys(localStorage).filter((key) => key.startsWith('beaconry:1:')).length > 0");
  const isWaiting = async () => {
    const { waiting, inFlight } = await statsOf(page);
    return (await spooled()) && waiting + inFlight >= count;
  };
  assert.ok(await until(isWaiting, patience), `nothing is spooled: ${JSON.stringify(await statsOf(page))}`);
}

function isEnabled(page: EnginePage): Promise<boolean> {
  return page.evaluate(() => (window as unknown as ToolboxWindow).toolbox.telemetry.isEnabled());
}

function noise(page: EnginePage): Promise<{ uncaught: readonly string[]; said: readonly string[] }> {
  return page.evaluate(() => {
    const { uncaught, said } = (window as unknown as ToolboxWindow).toolbox.watched;
    return { uncaught, said };
  });
}
