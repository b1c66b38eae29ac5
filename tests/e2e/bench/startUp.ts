/**
 * What it costs a page to load and start the client, on a CPU slowed down four times: a page with it beside the same
 * page without, in turn, each in a fresh profile, read from the browser's own trace.
 */
import type { Bed } from "./bed.ts";
import { median } from "./numbers.ts";
import { readTrace, type Load } from "./trace.ts";

export interface StartUp {
  /** Milliseconds of main-thread CPU that the client adds. */
  readonly total: number;
  /** The part of it that comes before the first paint. */
  readonly beforePaint: number;
  /** The longest task of the page with the client, and of the page without, in milliseconds. */
  readonly longest: number;
  readonly longestWithout: number;
  /** Tasks above 50 ms in all loads of the page with the client, and of the page without. */
  readonly longTasks: number;
  readonly longTasksWithout: number;
}

export async function measureStartUp(bed: Bed): Promise<StartUp> {
  const without: Load[] = [];
  const started: Load[] = [];
  for (let run = 0; run < runs; run += 1) {
    without.push(await load(bed, "empty"));
    started.push(await load(bed, "started"));
  }
  const of = (loads: readonly Load[], what: (load: Load) => number): number => median(loads.map(what));
  return {
    total: of(started, ({ total }) => total) - of(without, ({ total }) => total),
    beforePaint: of(started, ({ beforePaint }) => beforePaint) - of(without, ({ beforePaint }) => beforePaint),
    longest: of(started, ({ longest }) => longest),
    longestWithout: of(without, ({ longest }) => longest),
    longTasks: longTasksOf(started),
    longTasksWithout: longTasksOf(without),
  };
}

function longTasksOf(loads: readonly Load[]): number {
  return loads.reduce((sum, { longTasks }) => sum + longTasks, 0);
}

async function load(bed: Bed, name: "empty" | "started"): Promise<Load> {
  const context = await bed.browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowDown });
  await bed.browser.startTracing(page, { categories });
  await page.goto(bed.addressOf(name));
  // Nothing is asked of the page while it is measured: Playwright's own script would be its longest task.
  await page.waitForTimeout(settled);
  const trace = readTrace(await bed.browser.stopTracing());
  if ((await page.title()) !== "ready") throw new Error(`${name} was not ready after ${settled} ms`);
  await context.close();
  return trace;
}

export const runs = 7;
const slowDown = 4;
/** What was begun at the start has ended by then. */
const settled = 2_500;
const categories = ["toplevel", "loading", "blink.user_timing", "devtools.timeline", "disabled-by-default-devtools.timeline"];
