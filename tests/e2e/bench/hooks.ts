/** What a hook costs a call that it sees, beside the same call without it. */
import type { HooksBenchWindow, HookWay } from "../pages/hooksBench.ts";
import { columns } from "../support/columns.ts";
import { createBed } from "./bed.ts";
import { median, quantile } from "./numbers.ts";

/** Prints the table. */
export async function measureHooks(): Promise<void> {
  const bed = await createBed();
  try {
    const page = await (await bed.browser.newContext()).newPage();
    await page.goto(bed.addressOf("hooksBench"));
    await page.waitForFunction("'hooksBench' in globalThis && hooksBench.ready.then(() => true)");
    const means = await page.evaluate(
      ([count, calls]) => (globalThis as unknown as HooksBenchWindow).hooksBench.rounds(count, calls),
      [rounds, callsOfRound] as const,
    );
    const warm = (way: HookWay): readonly number[] => means[way].slice(means[way].length / 8);
    const rows = (Object.keys(means) as HookWay[]).map((way) => {
      const floor = warm(way.endsWith("cross-origin") ? "floor, cross-origin" : "floor");
      const [is, p95] = [median(warm(way)), quantile(warm(way), 0.95)];
      const cost = is - median(floor);
      // The bound is for one hook.
      const isBound = way.startsWith("startFetch") && !way.includes("Breadcrumbs");
      const verdict = isBound ? [cost.toFixed(1), String(must), cost <= must ? "holds" : "MISSED"] : ["", "", ""];
      return [way, is.toFixed(1), p95.toFixed(1), ...verdict];
    });
    console.log(`\n${columns(["µs a fetch that is answered at once", "p50", "p95", "the hook", "must", "must"], rows)}\n`);
  } finally {
    await bed.close();
  }
}

const must = 20;
/** The first eighth of them is left out: until then the engine compiles. */
const rounds = 160;
/** Fewer than a hook records at once: what it only counts would be cheaper. */
const callsOfRound = 100;
