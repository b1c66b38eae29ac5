/** What the client costs, beside what it must not cost more than. Numbers are printed, never asserted. */
import { columns } from "../support/columns.ts";
import { createBed, type Bed } from "./bed.ts";
import { measureCalls } from "./calls.ts";
import { measureHeap, type Memory } from "./heap.ts";
import { measureMainThread } from "./mainThread.ts";
import { measureStartUp, runs } from "./startUp.ts";
import { measureWire } from "./wire.ts";

/** A line of the table: `must` and `want` are the most that it may be. */
interface Cost {
  readonly what: string;
  readonly is: number;
  readonly unit: string;
  readonly must?: number;
  readonly want?: number;
  readonly note?: string;
}

/** Prints the table, or the part of it that is the start. */
export async function measureSpeed(onlyStartUp: boolean): Promise<void> {
  const bed = await createBed();
  try {
    const costs: Cost[] = [];
    for (const measure of onlyStartUp ? [startUp] : [calls, mainThread, wire, startUp, heap]) {
      costs.push(...(await measure(bed)));
      console.log(`- ${measure.name}: measured`);
    }
    console.log(`\n${columns(heads, costs.map(cellsOf))}\n`);
  } finally {
    await bed.close();
  }
}

async function calls(bed: Bed): Promise<Cost[]> {
  const { floor, log, metric, trace, error } = await measureCalls(bed);
  const noted = ({ median, p95 }: { median: number; p95: number }) => {
    return { is: median, unit: "µs", note: `p95 of rounds ${p95.toFixed(1)}` };
  };
  return [
    { what: "floor: array.push(JSON.stringify(event))", ...noted(floor) },
    { what: "log(), 3-field context", must: 4, want: 2, ...noted(log) },
    { what: "metric()", ...noted(metric) },
    { what: "trace()", ...noted(trace) },
    { what: "error()", ...noted(error) },
  ];
}

async function mainThread(bed: Bed): Promise<Cost[]> {
  const log = await measureMainThread(bed, "log");
  const error = await measureMainThread(bed, "error");
  return [
    { what: "main thread per log, until acknowledged", is: log, unit: "µs", must: 40, want: 15 },
    { what: "main thread per error, until acknowledged", is: error, unit: "µs" },
  ];
}

async function wire(bed: Bed): Promise<Cost[]> {
  return [{ what: "on the wire per log of 1,000 alike", is: await measureWire(bed), unit: "bytes", must: 60, want: 20 }];
}

async function startUp(bed: Bed): Promise<Cost[]> {
  const { total, beforePaint, longest, longestWithout, longTasks, longTasksWithout } = await measureStartUp(bed);
  const withoutIt = (number: string | number): string => `without the client ${number}`;
  return [
    { what: "start-up at 4×, before first paint", is: beforePaint, unit: "ms", must: 20 },
    { what: "start-up at 4×, all of it", is: total, unit: "ms" },
    { what: "start-up at 4×, longest task", is: longest, unit: "ms", note: withoutIt(longestWithout.toFixed(1)) },
    { what: `tasks above 50 ms in ${runs} loads`, is: longTasks, unit: "", must: longTasksWithout, note: withoutIt(longTasksWithout) },
  ];
}

async function heap(bed: Bed): Promise<Cost[]> {
  const { started, full, ended } = await measureHeap(bed);
  const cost = (what: string, { heap, wasm }: Memory): Cost => {
    const note = `JavaScript ${mebibytes(heap).toFixed(1)}, wasm ${mebibytes(wasm).toFixed(1)}`;
    return { what, is: mebibytes(heap + wasm), unit: "MiB", note };
  };
  return [
    cost("memory of the page before its first record", started),
    cost("after 100,000 records, nothing sent", full),
    cost("after shutdown", ended),
  ];
}

function cellsOf({ what, is, unit, must, want, note }: Cost): string[] {
  const verdict = must === undefined ? "" : is <= must ? "holds" : "MISSED";
  return [what, is.toFixed(unit === "" ? 0 : 1), unit, must ?? "", want ?? "", verdict, note ?? ""].map(String);
}

function mebibytes(bytes: number): number {
  return bytes / 1_048_576;
}

const heads = ["", "is", "", "must", "want", "must", ""];
