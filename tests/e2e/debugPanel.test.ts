/** The debug panel, as a developer gets to see it, and nobody else. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { createQuiz, untilAppIsReady } from "./quiz.ts";
import { closeTab } from "./support/browser.ts";
import { createChromiumStage, type ChromiumStage } from "./support/chromiumStage.ts";
import { statsOf } from "./support/lives.ts";
import { until } from "./support/until.ts";

let stage: ChromiumStage;

before(async () => {
  stage = await createChromiumStage();
});

after(() => stage?.close());

test("nobody who has not asked for the panel sees it, or downloads it", async () => {
  const page = await stage.browser.open(stage.app);
  await untilAppIsReady(page);
  assert.equal(await page.locator("beaconry-debug").count(), 0);
  assert.deepEqual(await panelFiles(page), []);
  await closeTab(page);
});

test("the panel shows the ledger, what waits, and what the server answered", async () => {
  const page = await openWithPanel();
  const quiz = createQuiz(page);
  await quiz.start();
  const panel = page.locator("beaconry-debug");
  await panel.getByRole("button", { name: "Flush now" }).click();
  await panel.getByText("Every record is accounted for.").waitFor();
  await panel.getByRole("row", { name: /\b200\b/ }).first().waitFor();
  assert(await until(() => showsWhatTheClientCounts(page), 10_000), "the panel and the client count the same");
  await stage.server.kill();
  await quiz.answer();
  await panel.locator("pre", { hasText: "answer" }).first().waitFor();
  await keepPicture(page);
  await panel.getByRole("button", { name: "Close" }).click();
  assert.equal(await panel.count(), 0);
  await closeTab(page);
});

async function openWithPanel(): Promise<Page> {
  const page = await stage.browser.open(stage.app);
  await page.evaluate(() => localStorage.setItem("beaconryDebug", "1"));
  await page.reload();
  await untilAppIsReady(page);
  // Loaded in its own time, after the client is there.
  await page.locator("beaconry-debug").waitFor({ state: "attached" });
  assert.equal((await panelFiles(page)).length > 0, true);
  return page;
}

/** Asked until it is so: the page may record something of its own between the two looks. */
async function showsWhatTheClientCounts(page: Page): Promise<boolean> {
  const { lastSeq } = await statsOf(page);
  return page.getByRole("row", { name: `recorded ${lastSeq}`, exact: true }).isVisible();
}

function panelFiles(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name)
      .filter((name) => name.includes("openPanel")),
  );
}

/** For whoever wants to look at it. */
async function keepPicture(page: Page): Promise<void> {
  const path = process.env["BEACONRY_PICTURES"];
  if (path !== undefined) await page.screenshot({ path: join(path, "debugPanel.png") });
}
