/** From a click in a real tab to a record in the real store. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createQuiz, untilAppIsReady } from "./quiz.ts";
import { closeTab } from "./support/browser.ts";
import { createChromiumStage, type ChromiumStage } from "./support/chromiumStage.ts";
import { isExact, type Life, type Row } from "./support/compare.ts";
import { storedRecords } from "./support/events.ts";
import { account, noteLastStats, notedStats, statsOf } from "./support/lives.ts";
import { until } from "./support/until.ts";

let stage: ChromiumStage;

before(async () => {
  stage = await createChromiumStage();
});

after(() => stage?.close());

test("every click of a finished quiz is stored once", async () => {
  const page = await openApp();
  const quiz = createQuiz(page);
  await quiz.start();
  await quiz.playToTheEnd();
  const life = { name: "a quiz", made: quiz.made(), stats: await statsOf(page) };
  await closeTab(page);
  await assertExact(life);
});

test("an error that nobody catches is stored as an error", async () => {
  const page = await openApp();
  const quiz = createQuiz(page);
  await quiz.breakSomething();
  const life = { name: "an error", made: quiz.made(), stats: await statsOf(page) };
  await closeTab(page);
  await assertExact(life);
  const stored = await storedRecords(stage.server.url, life.stats.stream);
  assert.equal(stored.filter((record) => record.type === "error").length, 1);
});

test("records made while the server is dead arrive when it is back", async () => {
  const page = await openApp();
  await stage.server.kill();
  const quiz = createQuiz(page);
  await quiz.start();
  await quiz.answer();
  await stage.server.start();
  const life = { name: "server dead", made: quiz.made(), stats: await statsOf(page) };
  await closeTab(page);
  await assertExact(life);
});

test("a click is seen on the dashboard while both are open", async () => {
  const dashboard = await stage.browser.open(`${stage.server.url}/admin`);
  const problems: string[] = [];
  dashboard.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await dashboard.getByText("Live", { exact: true }).waitFor();
  const page = await openApp();
  const { stream } = await statsOf(page);
  const rows = dashboard.getByRole("region", { name: "Live feed" }).getByText("Quiz started");
  const before = await rows.count();
  await createQuiz(page).start();
  assert.ok(await until(async () => (await rows.count()) > before, patience), "the click is not on the dashboard");
  await rows.first().click();
  await dashboard.getByText(stream).first().waitFor({ timeout: patience });
  assert.deepEqual(problems, []);
  await closeTab(page);
  await dashboard.close();
});

async function openApp() {
  const page = await stage.browser.open(stage.app);
  await untilAppIsReady(page);
  await noteLastStats(page);
  return page;
}

/** A page opened afterwards knows the last count of the closed one, and delivers what it left behind. */
async function assertExact(life: Life): Promise<void> {
  const reader = await openApp();
  // What a page wrote as it went may come to others later.
  const settled = async (): Promise<Row> => {
    const noted = (await notedStats(reader)).find(({ stream }) => stream === life.stats.stream);
    return account(stage.server, { ...life, stats: noted ?? life.stats });
  };
  await until(async () => isExact(await settled()), patience);
  const row = await settled();
  await closeTab(reader);
  assert.ok(isExact(row), `what was done and what is stored differ: ${JSON.stringify(row)}`);
}

const patience = 30_000;
