/** What a call takes, beside the floor that no client can be below. */
import type { Measured } from "../pages/measure.ts";
import type { RecorderWindow } from "../pages/recorder.ts";
import type { Bed } from "./bed.ts";
import { median, quantile } from "./numbers.ts";

export type Calls = Record<Measured, { readonly median: number; readonly p95: number }>;

/** Microseconds a call, of rounds of 1,000 calls. */
export async function measureCalls(bed: Bed): Promise<Calls> {
  const { page, close } = await bed.open();
  const means = await page.evaluate(
    ([count, calls]) => (globalThis as unknown as RecorderWindow).recorder.measure.rounds(count, calls),
    [warmUp + rounds, callsOfRound] as const,
  );
  await close();
  const summed = Object.entries(means).map(([what, all]) => {
    const warm = all.slice(warmUp);
    return [what, { median: median(warm), p95: quantile(warm, 0.95) }];
  });
  return Object.fromEntries(summed) as Calls;
}

/** Until the engine has compiled what it will. */
const warmUp = 5;
const rounds = 40;
const callsOfRound = 1_000;
