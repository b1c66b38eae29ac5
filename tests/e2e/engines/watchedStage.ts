/** The real server and pages that start nothing by themselves, behind one door where every request is noted. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config, Stats } from "beaconry";
import type { Toolbox } from "../pages/toolbox.ts";
import { engineUnderTest, launch, removeProfile, type EngineBrowser, type EnginePage } from "../support/engine.ts";
import { required } from "../support/environment.ts";
import { freePort } from "../support/freePort.ts";
import { createFrontDoor, type FrontDoor, type Visit } from "../support/frontDoor.ts";
import { journalLines } from "../support/journal.ts";
import { hostPages } from "../support/pageHost.ts";
import type { RealServer } from "../support/server.ts";
import { serverUnderTest } from "../support/serverUnderTest.ts";
import { until } from "../support/until.ts";

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
  const data = await mkdtemp(join(tmpdir(), "beaconry-watched-"));
  const [pages, door] = [await hostPages(required("BEACONRY_PACKAGE")), await createFrontDoor()];
  const token = required("BEACONRY_TOKEN");
  const server = serverUnderTest({ data, port: await freePort(), allowOrigin: door.url });
  door.lead(pages.url, server.url);
  await server.start();
  const browser = await launch(engineUnderTest());

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
    await removeProfile(browser);
    await server.stop();
    await door.close();
    await pages.close();
    await rm(data, { recursive: true, force: true });
  }

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
