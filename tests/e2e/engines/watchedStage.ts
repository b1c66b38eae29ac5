/** Pages in which nothing has been started, in the engine under test, with every request noted. */
import assert from "node:assert/strict";
import type { Config, Stats } from "beaconry";
import type { Toolbox } from "../pages/toolbox.ts";
import { engineUnderTest, launch, type EngineBrowser, type EnginePage } from "../support/engine.ts";
import { required } from "../support/environment.ts";
import type { FrontDoor, Visit } from "../support/frontDoor.ts";
import { journalLines } from "../support/journal.ts";
import { orClose } from "../support/orClose.ts";
import { removeFolder } from "../support/removeFolder.ts";
import type { RealServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { watchPages } from "../support/watchedPages.ts";

export interface WatchedStage {
  readonly server: RealServer;
  readonly browser: EngineBrowser;
  readonly door: FrontDoor;
  /** Opens a page in which nothing has been started. */
  open(): Promise<EnginePage>;
  /** The options that every client needs. */
  readonly config: Config;
  /** The marks of the records in the journal, in order. */
  marks(): Promise<number[]>;
  close(): Promise<void>;
}

/** What `evaluate` finds in such a page. */
export interface ToolboxWindow {
  toolbox: Toolbox;
}

export async function createWatchedStage(): Promise<WatchedStage> {
  const { door, server, data, close: closePages } = await watchPages();
  const browser = await orClose(launch(engineUnderTest()), closePages);

  async function open(): Promise<EnginePage> {
    const page = await browser.newPage(`${door.url}/toolbox.html`);
    assert.ok(await until(() => page.evaluate("'toolbox' in window"), patience), "the page has no toolbox");
    return page;
  }

  async function marks(): Promise<number[]> {
    const records = (await journalLines(data)).map((line) => JSON.parse(line) as { context?: { mark?: number } });
    return records.flatMap(({ context }) => context?.mark ?? []);
  }

  async function close(): Promise<void> {
    await browser.close();
    await removeFolder(browser.profile);
    await closePages();
  }

  const token = required("BEACONRY_TOKEN");
  const config = { endpoint: `${door.url}/api/telemetry/batch`, token, spoolDelayMs: 0, flushIntervalMs: 200 };
  return { server, browser, door, open, config, marks, close };
}

/** Makes records with these marks, in one task. */
export function recordMarks(page: EnginePage, first: number, count: number): Promise<void> {
  return page.evaluate(
    (first: number, count: number) => {
      const { telemetry } = (window as unknown as ToolboxWindow).toolbox;
      for (let mark = first; mark < first + count; mark += 1) telemetry.event("marked", { mark });
    },
    first,
    count,
  );
}

export function statsOf(page: EnginePage): Promise<Stats> {
  return page.evaluate(() => (window as unknown as ToolboxWindow).toolbox.telemetry.stats());
}

/** The numbers from `first` on. */
export function numbers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

export function isBatch({ method, url }: Visit): boolean {
  return method === "POST" && url.startsWith("/api/telemetry/batch");
}

export const patience = 30_000;
