/** A page that is left, frozen or nearly left, and then goes on: it is the same client, and loses nothing. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { EnginePage } from "../support/engine.ts";
import { storedRecords } from "../support/events.ts";
import { statsOf } from "../support/lives.ts";
import { until } from "../support/until.ts";
import { createStage, lifeOf, patience, record, untilReady, type Stage } from "./stage.ts";

let stage: Stage;

before(async () => {
  stage = await createStage();
});

after(() => stage?.close());

describe("a page that was left comes back as it was", () => {
  test("from a page without a client", async () => {
    await leaveAndComeBack(`${stage.app}/lighthouse.svg`, async () => {});
  });

  test("from a page with a client of its own, whose records are stored too", async () => {
    let second;
    await leaveAndComeBack(`${stage.app}/?second`, async (page) => {
      await untilReady(page);
      await record(page, 20);
      second = await lifeOf(page, "the page in between", 20);
    });
    assert.ok(second);
    await stage.assertExact(second);
  });
});

test("a page that is frozen has sent what it had, and goes on when it is thawed", async (context) => {
  const page = await stage.openApp();
  const { setFrozen } = page;
  if (setFrozen === undefined) {
    await page.close();
    return context.skip("this engine cannot be told to freeze a page");
  }
  const { stream } = await statsOf(page);
  await record(page, 20);
  await setFrozen(true);
  const isStored = async () => (await storedRecords(stage.server.url, stream)).length >= 20;
  assert.ok(await until(isStored, patience), "a frozen page has not sent what it had");
  await setFrozen(false);
  await record(page, 20);
  const life = await lifeOf(page, "a frozen page", 40);
  assert.equal(life.stats.stream, stream);
  await page.close();
  await stage.assertExact(life);
});

test("a page whose user stays after all goes on", async (context) => {
  const page = await stage.openApp();
  if (page.refuseToLeave === undefined) {
    await page.close();
    return context.skip("this engine's driver does not tell of the question");
  }
  const timesAsked = page.refuseToLeave();
  const { stream } = await statsOf(page);
  await page.evaluate("void (onbeforeunload = (event) => event.preventDefault())");
  // Browsers ask only whoever has used the page.
  await page.click("h1");
  await record(page, 20);
  await page.evaluate("void setTimeout(() => location.assign('/lighthouse.svg'))");
  assert.ok(await until(async () => timesAsked() > 0, patience), "the user was not asked");
  await record(page, 20);
  const life = await lifeOf(page, "a page that was nearly left", 40);
  assert.equal(life.stats.stream, stream);
  await page.evaluate("void (onbeforeunload = null)");
  await page.close();
  await stage.assertExact(life);
});

/** The page has to be the very one that was left, with its client running: whatever it holds must not prevent that. */
async function leaveAndComeBack(elsewhere: string, meanwhile: (page: EnginePage) => Promise<void>): Promise<void> {
  const page = await stage.openApp();
  await page.evaluate("void addEventListener('pageshow', ({ persisted }) => { window.wasPersisted = persisted; })");
  await record(page, 20);
  const { stream } = await statsOf(page);
  await page.goto(elsewhere);
  await meanwhile(page);
  await page.back();
  // A driver may ask a page before the page has been told that it is back.
  const wasPersisted = await until(() => page.evaluate("window.wasPersisted === true"), patience);
  assert.ok(wasPersisted, `the page was loaded again: ${await page.evaluate(reasons)}`);
  await record(page, 20);
  const life = await lifeOf(page, "a page that came back", 40);
  assert.equal(life.stats.stream, stream);
  await page.close();
  await stage.assertExact(life);
}

/** Chromium says what kept a page out of the cache. */
const reasons = "JSON.stringify(performance.getEntriesByType('navigation')[0]?.notRestoredReasons ?? 'without a reason')";
