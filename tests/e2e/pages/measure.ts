/** Rounds of calls, timed in the page: browsers round their clocks, so a single call cannot be. */
import { telemetry } from "beaconry";

export const measured = ["floor", "log", "metric", "trace", "error"] as const;
export type Measured = (typeof measured)[number];

export interface Measure {
  /** Interleaved rounds, each followed by the delivery of what it made; microseconds a call, as the mean of each. */
  rounds(count: number, calls: number): Promise<Record<Measured, number[]>>;
  /** `bursts` times `size` calls, with a pause of so many milliseconds after each burst. */
  inBursts(what: Measured, bursts: number, size: number, pause: number): Promise<void>;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

export const measure: Measure = {
  async rounds(count, calls) {
    const means: Record<Measured, number[]> = { floor: [], log: [], metric: [], trace: [], error: [] };
    for (let round = 0; round < count; round += 1) {
      for (const what of measured) {
        means[what].push(meanOf(what, calls));
        await drained();
      }
    }
    return means;
  },

  async inBursts(what, bursts, size, pause) {
    for (let burst = 0; burst < bursts; burst += 1) {
      for (let index = 0; index < size; index += 1) callsByName[what](index);
      await pauseFor(pause);
    }
  },

  drained,
};

function meanOf(what: Measured, calls: number): number {
  const call = callsByName[what];
  const start = performance.now();
  for (let index = 0; index < calls; index += 1) call(index);
  const took = performance.now() - start;
  kept.length = 0;
  return (took * 1_000) / calls;
}

async function drained(): Promise<void> {
  for (let { waiting, inFlight } = telemetry.stats(); waiting + inFlight > 0; { waiting, inFlight } = telemetry.stats()) {
    await Promise.race([telemetry.flush(), pauseFor(1_000)]);
  }
}

/** The floor is what no client can do without: make JSON of a record and keep it. */
const callsByName: Readonly<Record<Measured, (index: number) => void>> = {
  floor: (index) => {
    const context = contextOf(index);
    kept.push(JSON.stringify({ type: "log", level: "info", message: "item added to cart", timestamp: Date.now(), context }));
  },
  log: (index) => telemetry.log("info", "item added to cart", contextOf(index)),
  metric: (index) => telemetry.metric("cart_value", index / 4, contextOf(index)),
  trace: (index) => telemetry.trace("load_catalogue", index % 900, contextOf(index)),
  error: (index) => telemetry.error(new Error("the price list is empty"), contextOf(index)),
};

function contextOf(index: number): object {
  return { item: index, step: "checkout", isMember: true };
}

function pauseFor(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const kept: string[] = [];
