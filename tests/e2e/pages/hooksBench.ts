/** What a hook costs an intercepted call: rounds with and without it, in turn, each call until its promise is settled. */
import { init, telemetry } from "beaconry";
import { startBreadcrumbs, startFetch } from "beaconry/hooks";
import { optionsInAddress } from "./config.ts";

/** Microseconds a call, as the means of a few each: browsers round their clocks, so a single call cannot be timed. */
export type HookRounds = Record<HookWay, number[]>;
export type HookWay = "floor" | "the record alone, by trace()" | "startFetch" | "startFetch and startBreadcrumbs" | "floor, cross-origin" | "startFetch, cross-origin";

export interface HooksBenchWindow {
  hooksBench: { readonly ready: Promise<unknown>; rounds(count: number, calls: number): Promise<HookRounds> };
}

/** Answers at once, so that nothing but the hook takes time. It is made here: a real one takes hundreds of microseconds. */
const answer = new Response(null, { headers: { "content-length": "0" } });
const native = globalThis.fetch;
globalThis.fetch = async (input, init) => (init?.method === "PUT" ? answer : native(input, init));

const ways: readonly (readonly [HookWay, string, () => () => void])[] = [
  ["floor", "/api/items/12?page=2", () => () => undefined],
  ["the record alone, by trace()", "", () => () => undefined],
  ["startFetch", "/api/items/12?page=2", () => startFetch(telemetry)],
  ["startFetch and startBreadcrumbs", "/api/items/12?page=2", startBoth],
  ["floor, cross-origin", "https://api.example.com/items/12", () => () => undefined],
  ["startFetch, cross-origin", "https://api.example.com/items/12", () => startFetch(telemetry, { traceHosts: ["api.example.com"] })],
];

async function rounds(count: number, calls: number): Promise<HookRounds> {
  const times = Object.fromEntries(ways.map(([way]) => [way, [] as number[]])) as HookRounds;
  for (let round = 0; round < count; round += 1) {
    for (const [way, url, start] of ways) {
      const stop = start();
      for (let call = 0; call < calls; call += few) {
        const begun = performance.now();
        for (let one = 0; one < few; one += 1) {
          if (url === "") recordOnly();
          else await fetch(url, { method: "PUT", headers: { accept: "application/json" } });
        }
        times[way].push(((performance.now() - begun) * 1_000) / few);
      }
      stop();
      // What was recorded is sent by the real fetch, outside the time that is measured.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return times;
}

/** What the hook calls in the end, with as much in it. */
function recordOnly(): void {
  const about = { url: "http://127.0.0.1:8080/api/items/[id]", status: 200, size: 0 };
  telemetry.trace("PUT /api/items/[id]", 0.1, about, { traceId: "a1".repeat(16), spanId: "b2".repeat(8), kind: "client", status: "ok" });
}

/** So few that it is seldom that something else takes the processor meanwhile. */
const few = 5;

function startBoth(): () => void {
  const stops = [startFetch(telemetry), startBreadcrumbs(telemetry)];
  return () => stops.forEach((stop) => stop());
}

Object.assign(globalThis, { hooksBench: { ready: init(optionsInAddress().config), rounds } } satisfies HooksBenchWindow);
