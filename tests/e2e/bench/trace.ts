/** Reads from a trace of Chromium what the main thread of a page did while it loaded. */

/** One load of a page, in milliseconds of its main thread. */
export interface Load {
  readonly total: number;
  readonly beforePaint: number;
  readonly longest: number;
  /** Tasks above 50 ms. */
  readonly longTasks: number;
}

/** @param trace of a browser in which one page was painted */
export function readTrace(trace: Buffer): Load {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const paint = traceEvents.find(({ name }) => name === "firstPaint");
  if (paint === undefined) throw new Error("the trace has no page that was painted");
  const events = traceEvents.filter(({ pid, tid }) => pid === paint.pid && tid === paint.tid);
  const tasks = events.filter(({ name, ph }) => name === task && ph === "X");
  if (tasks.length === 0) throw new Error("the trace has no tasks");
  const lengths = tasks.map(cpuOf);
  return {
    total: sum(lengths),
    beforePaint: sum(tasks.filter(({ ts }) => ts < paint.ts).map(cpuOf)),
    longest: Math.max(...lengths),
    longTasks: lengths.filter((length) => length > 50).length,
  };
}

/** By the thread's own clock, which stands while others have the processor. */
function cpuOf({ tdur, dur }: TraceEvent): number {
  return (tdur ?? dur ?? 0) / 1_000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** An entry of a trace; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const task = "RunTask";
