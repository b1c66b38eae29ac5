/** A page that makes marked records when it is told to: the least that an app can be. */
import { init, telemetry, type Delivery, type Stats } from "beaconry";
import { optionsInAddress } from "./config.ts";
import { recordMark, type Size } from "./marks.ts";
import { measure, type Measure } from "./measure.ts";
import { watchWasmMemory } from "./wasmMemory.ts";

export interface Recorder {
  readonly ready: Promise<unknown>;
  /** Makes `count` records in this task, marked from `first` on. When each was made, in epoch milliseconds. */
  record(first: number, count: number, size?: Size): number[];
  /** Makes `count` records when the page goes; when they count as made, which is now. */
  recordAtExit(first: number, count: number): number[];
  readonly measure: Measure;
  stats(): Stats;
  flush(): Promise<Delivery>;
  shutdown(): Promise<Delivery>;
  /** Whether the page has been left and is not back yet. */
  readonly isAway: () => boolean;
  /** How often the page came back out of the back/forward cache. */
  readonly restored: () => number;
}

export interface RecorderWindow {
  recorder: Recorder;
}

const { config, withoutStorage } = optionsInAddress();
let restored = 0;
let isAway = false;

watchWasmMemory();
if (withoutStorage === true) takeStorageAway();
addEventListener("pagehide", () => (isAway = true));
addEventListener("pageshow", ({ persisted }) => {
  isAway = false;
  if (persisted) restored += 1;
});

const recorder: Recorder = {
  ready: init(config),
  record,
  recordAtExit(first, count) {
    addEventListener("pagehide", () => void record(first, count), { once: true });
    return Array.from({ length: count }, () => Date.now());
  },
  measure,
  stats: () => telemetry.stats(),
  flush: () => telemetry.flush(),
  shutdown: () => telemetry.shutdown(),
  isAway: () => isAway,
  restored: () => restored,
};
Object.assign(globalThis, { recorder } satisfies RecorderWindow);

function record(first: number, count: number, size?: Size): number[] {
  return Array.from({ length: count }, (_, index) => recordMark(first + index, size));
}

/** Browsers that block storage throw when it is read. */
function takeStorageAway(): void {
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    Object.defineProperty(globalThis, name, {
      get: () => {
        throw new DOMException("storage is blocked", "SecurityError");
      },
    });
  }
}
