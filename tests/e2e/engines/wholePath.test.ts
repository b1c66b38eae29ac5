/** From a page of the engine under test to a record in the real store. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createStage, lifeOf, patience, record, type Stage } from "./stage.ts";
import { storedRecords } from "../support/events.ts";
import { statsOf } from "../support/lives.ts";
import { until } from "../support/until.ts";

let stage: Stage;

before(async () => {
  stage = await createStage();
});

after(() => stage?.close());

test("what a page records is stored once while it is open", async () => {
  const page = await stage.openApp();
  await record(page, 50);
  const { stream } = await statsOf(page);
  const isStored = async () => (await storedRecords(stage.server.url, stream)).length >= 50;
  assert.ok(await until(isStored, patience), "nothing arrives from an open page");
  const life = await lifeOf(page, "an open page", 50);
  await page.close();
  await stage.assertExact(life);
});

test("what a page records in its last task before it is closed is stored once", async () => {
  const page = await stage.openApp();
  const life = await lifeOf(page, "a closed page", 50);
  await record(page, 50);
  await page.close();
  await stage.assertExact(life);
});

test("what a click made before the page was left for another is stored once", async () => {
  const page = await stage.openApp();
  await page.click("[data-testid=start]");
  const life = await lifeOf(page, "a page that was left", 0);
  await page.goto("about:blank");
  await page.close();
  await stage.assertExact({ ...life, made: { "event quiz_started": 1 } });
});

test("what a page left behind with the server dead is delivered by the next", async () => {
  const page = await stage.openApp();
  await stage.server.kill();
  await record(page, 50);
  const life = await lifeOf(page, "closed with the server dead", 50);
  await page.close();
  await stage.server.start();
  await stage.assertExact(life);
});
