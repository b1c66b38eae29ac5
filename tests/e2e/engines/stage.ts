/** What every test here begins with: the real server, the built app, and the engine under test. */
import assert from "node:assert/strict";
import { isExact, type Life, type Row } from "../support/compare.ts";
import { engineUnderTest, launch, type EngineBrowser, type EnginePage } from "../support/engine.ts";
import { account, noteLastStats, notedStats, notePrefix, statsOf } from "../support/lives.ts";
import { serveApp } from "../support/servedApp.ts";
import { orClose } from "../support/orClose.ts";
import { removeFolder } from "../support/removeFolder.ts";
import type { RealServer } from "../support/server.ts";
import { until } from "../support/until.ts";

export interface Stage {
  readonly server: RealServer;
  readonly browser: EngineBrowser;
  /** The address of the app. */
  readonly app: string;
  openApp(): Promise<EnginePage>;
  /** Holds what was done in a page, and what it says of itself, against what is stored of it. */
  assertExact(life: Life): Promise<void>;
  close(): Promise<void>;
}

export async function createStage(): Promise<Stage> {
  const { app, server, close: closeApp } = await serveApp();
  const browser = await orClose(launch(engineUnderTest(), { bfcache: true }), closeApp);

  async function openApp(): Promise<EnginePage> {
    const page = await browser.newPage(app);
    await untilReady(page);
    return page;
  }

  /** A page opened afterwards knows the last count of the closed one, and delivers what it left behind. */
  async function assertExact(life: Life): Promise<void> {
    const reader = await openApp();
    // What a page wrote as it went may come to others later.
    const settled = async (): Promise<Row> => {
      const noted = (await notedStats(reader)).find(({ stream }) => stream === life.stats.stream);
      return account(server, { ...life, stats: noted ?? life.stats });
    };
    await until(async () => isExact(await settled()), patience);
    const row = await settled();
    await reader.close();
    const why = `what was done and what is stored differ: ${JSON.stringify(row)}; pages said: ${browser.errors.join("; ")}`;
    assert.ok(isExact(row), why);
  }

  async function close(): Promise<void> {
    await browser.close();
    await removeFolder(browser.profile);
    await closeApp();
  }

  return { server, browser, app, openApp, assertExact, close };
}

/** Waits until the app has its client, and lets the page note its last count. */
export async function untilReady(page: EnginePage): Promise<void> {
  assert.ok(await until(() => page.evaluate("'__quiz' in window"), patience), "the app has no client");
  await noteLastStats(page);
}

/** Makes records in a page, in one task, and notes the count: Firefox may drop what a closed tab writes at its end. */
export async function record(page: EnginePage, count: number): Promise<void> {
  await page.evaluate(
    (made: number, name: string, prefix: string) => {
      const { telemetry } = (window as unknown as { __quiz: Recorder }).__quiz;
      for (let index = 0; index < made; index += 1) telemetry.event(name, { index });
      const stats = telemetry.stats();
      localStorage.setItem(prefix + stats.stream, JSON.stringify(stats));
    },
    count,
    eventName,
    notePrefix,
  );
}

/** The life of a page in which so many records were made by `record`, and nothing was clicked. */
export async function lifeOf(page: EnginePage, name: string, count: number): Promise<Life> {
  return { name, made: { [`event ${eventName}`]: count }, stats: await statsOf(page) };
}

interface Recorder {
  readonly telemetry: { event(name: string, properties: object): void; stats(): { readonly stream: string } };
}

const eventName = "made_by_the_test";
export const patience = 30_000;
