/**
 * The demo without a person: a browser in the app, errors, a slow request, a tab closed in the middle, the server
 * killed and started again. Ends with what was clicked and what the pages recorded beside the lines of the server's
 * journal, and fails unless all are equal, nothing is stored twice, and the query route shows the same.
 */
import type { Page } from "playwright-core";
import { createQuiz, untilAppIsReady, type Quiz } from "./quiz.ts";
import { closeTab, launchBrowser, type RealBrowser } from "./support/browser.ts";
import { isExact, type Life, type Row } from "./support/compare.ts";
import { required } from "./support/environment.ts";
import { account, flush, notedStats, noteLastStats, statsOf } from "./support/lives.ts";
import type { RealServer } from "./support/server.ts";
import { serverUnderTest } from "./support/serverUnderTest.ts";
import { printAccount } from "./support/table.ts";
import { pause, until } from "./support/until.ts";

const appUrl = required("BEACONRY_APP_URL");

async function main(): Promise<boolean> {
  const server = serverUnderTest({ data: required("BEACONRY_DATA"), allowOrigin: new URL(appUrl).origin });
  await server.start();
  const browser = await launchBrowser(required("BEACONRY_CHROMIUM"));
  try {
    const lives = [await watched(browser, server), ...(await playAll(browser, server))];
    const rows = await settle(browser, server, lives);
    printAccount(rows);
    return rows.every(isExact);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function playAll(browser: RealBrowser, server: RealServer): Promise<Life[]> {
  return [
    await live(browser, "a whole quiz", async (quiz) => {
      await quiz.start();
      await quiz.breakSomething();
      await quiz.slowRequest();
      await quiz.playToTheEnd();
    }),
    await live(browser, "closed while answering", async (quiz) => {
      await quiz.start();
      await quiz.answer();
      await quiz.next();
      await quiz.answer(1);
    }),
    await live(browser, "server killed and restarted", async (quiz) => {
      await quiz.start();
      await quiz.answer();
      await server.kill();
      say("the server is killed");
      await quiz.next();
      await quiz.answer();
      await quiz.breakSomething();
      await pause(1_500);
      await server.start();
      say("the server is back");
      await quiz.next();
      await quiz.answer(1);
    }),
    await live(browser, "closed with the server dead", async (quiz) => {
      await server.kill();
      say("the server is killed again");
      await quiz.start();
      await quiz.answer();
      await quiz.breakSomething();
    }).finally(() => server.start()),
  ];
}

/** A person with both pages open: how long until a click is on the dashboard. */
async function watched(browser: RealBrowser, server: RealServer): Promise<Life> {
  const dashboard = await browser.open(`${server.url}/admin`);
  await dashboard.getByText("Live", { exact: true }).waitFor();
  const life = await live(browser, "watched on the dashboard", async (quiz) => {
    const rows = dashboard.getByRole("region", { name: "Live feed" }).getByText("Quiz started");
    const before = await rows.count();
    await quiz.start();
    const clicked = performance.now();
    await rows.nth(before).waitFor();
    say(`a click was on the dashboard after ${Math.round(performance.now() - clicked)} ms`);
  });
  await dashboard.close();
  return life;
}

/** One page life: opened, played, counted, closed. */
async function live(browser: RealBrowser, name: string, play: (quiz: Quiz) => Promise<void>): Promise<Life> {
  say(name);
  const page = await openApp(browser);
  const quiz = createQuiz(page);
  await play(quiz);
  const stats = await statsOf(page);
  await closeTab(page);
  return { name, made: quiz.made(), stats };
}

/** A last page delivers what the others left behind; then both sides are compared. */
async function settle(browser: RealBrowser, server: RealServer, closed: Life[]): Promise<Row[]> {
  say("the app is opened once more");
  const page = await openApp(browser);
  const made = createQuiz(page).made();
  const rows = async (): Promise<Row[]> => {
    // What a page wrote as it went may come to others later.
    for (const noted of await notedStats(page)) {
      const life = closed.find(({ stats }) => stats.stream === noted.stream);
      if (life) life.stats = noted;
    }
    const open = { name: "opened once more", made, stats: await statsOf(page) };
    return Promise.all([...closed, open].map((life) => account(server, life)));
  };
  await flush(page);
  await until(async () => (await rows()).every(isExact), settleLimit);
  return rows();
}

async function openApp(browser: RealBrowser): Promise<Page> {
  const page = await browser.open(appUrl);
  await untilAppIsReady(page);
  await noteLastStats(page);
  return page;
}

function say(what: string): void {
  console.log(`- ${what}`);
}

const settleLimit = 60_000;

process.exitCode = (await main()) ? 0 : 1;
