/** A page that records, as the faults see it. */
import type { EngineBrowser, EnginePage } from "../support/engine.ts";
import { pause } from "../support/until.ts";
import { addressWith, type PageOptions } from "../pages/config.ts";
import type { Size } from "../pages/marks.ts";
import type { RecorderWindow } from "../pages/recorder.ts";
import type { Marks } from "./scene.ts";

export interface Tab {
  /** Makes so many records in one task. */
  record(count: number, size?: Size): Promise<void>;
  /** Lets it make so many records in the very event that ends it, after the client has done its work there. */
  recordAtExit(count: number): Promise<void>;
  /** Leaves for another page of the same origin. */
  leave(): Promise<void>;
  /** Comes back by the browser's button. Whether the page came out of the back/forward cache. */
  back(): Promise<boolean>;
  /** Closes it as a person does: its handlers run, and nobody waits for what they started. */
  close(): Promise<void>;
  /** Kills its renderer. */
  crash(): Promise<void>;
  setOffline(isOffline: boolean): Promise<void>;
  /** Asks it to deliver now. How many records it still has. */
  deliver(): Promise<number>;
}

export async function openTab(
  browser: EngineBrowser,
  options: PageOptions,
  pages: string,
  marks: Marks,
  gone: () => void,
): Promise<Tab> {
  const page = await browser.newPage(addressWith(`${pages}/recorder.html`, options));
  await untilReady(page);

  /** What its ledger names has to be known before it goes. */
  async function noteDiscarded(): Promise<number> {
    const { stream, discarded, waiting, inFlight } = await statsOf(page);
    const count = Object.values(discarded).reduce((sum, count) => sum + count, 0);
    if (count > 0) marks.discarded(stream, count);
    return waiting + inFlight;
  }

  return {
    async record(count, size) {
      await marks.record(count, (first) =>
        page.evaluate(
          (first, count, size) => (globalThis as unknown as RecorderWindow).recorder.record(first, count, size),
          ...[first, count, size ?? "usual"] as const,
        ),
      );
      await noteDiscarded();
    },
    async recordAtExit(count) {
      await marks.record(count, (first) =>
        page.evaluate(
          (first, count) => (globalThis as unknown as RecorderWindow).recorder.recordAtExit(first, count),
          ...[first, count] as const,
        ),
      );
    },
    async leave() {
      await page.goto(`${pages}/empty.html`);
    },
    async back() {
      await page.back();
      await untilReady(page);
      return page.evaluate(async () => {
        const { recorder } = globalThis as unknown as RecorderWindow;
        // A driver may ask a page that is restored before the page has been told of it.
        while (recorder.isAway()) await new Promise((resolve) => setTimeout(resolve, 10));
        return recorder.restored() > 0;
      });
    },
    async close() {
      gone();
      await page.close({ runBeforeUnload: true });
    },
    async crash() {
      gone();
      if (page.crashRenderer === undefined) throw new Error("this engine cannot kill one page");
      await page.crashRenderer();
    },
    setOffline: (isOffline) => page.setOffline(isOffline),
    async deliver() {
      await Promise.race([flush(page), pause(1_000)]);
      return noteDiscarded();
    },
  };
}

async function untilReady(page: EnginePage): Promise<void> {
  await page.evaluate(async () => {
    while ((globalThis as unknown as Partial<RecorderWindow>).recorder === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await (globalThis as unknown as RecorderWindow).recorder.ready;
  });
}

function flush(page: EnginePage): Promise<unknown> {
  return page.evaluate(() => (globalThis as unknown as RecorderWindow).recorder.flush());
}

function statsOf(page: EnginePage) {
  return page.evaluate(() => (globalThis as unknown as RecorderWindow).recorder.stats());
}
