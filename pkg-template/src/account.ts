import type { EarlyCalls } from './earlyCalls.js';
import { STATS } from './flat.js';
import type { StandIn } from './standIn.js';
import type { Stats } from './types.js';

export type Account = ReturnType<typeof createAccount>;

/**
 * The account of every record of a client: of the calls that no wasm has seen, of what was sent
 * without it, of the instance that runs, and of one that broke.
 *
 * A broken instance cannot be asked any more. What it said last is kept, and what it was given since
 * is counted as `abandoned`, with what waited in it.
 */
export function createAccount(early: EarlyCalls, standIn: StandIn) {
  /** Of the instance that broke. */
  let past = NO_STATS;
  /** Of the instance that runs, when it was last asked. */
  let seen = NO_STATS;
  /** What it was given since. */
  let records = 0;
  let discards: Record<string, number> = {};

  return {
    /** Notes a call into the wasm; how many it has not accounted for. */
    made(): number {
      records += 1;
      return records;
    },
    /** Notes discards that were handed over to the wasm. */
    handed(reason: string, count: number): void {
      discards = addCounts(discards, { [reason]: count });
    },
    saw(stats: Stats): void {
      seen = { ...NO_STATS, ...stats };
      records = 0;
      discards = {};
    },
    /** Closes the account of an instance that broke. */
    broke(): void {
      const { stream, lastSeq, storage } = seen;
      past = addStats(past, {
        ...seen,
        recorded: seen.recorded + records + total(discards),
        discarded: addCounts(seen.discarded, discards),
        abandoned: seen.waiting + seen.inFlight + records,
        traps: 1,
        waiting: 0,
        inFlight: 0,
        queuedBytes: 0,
      });
      this.saw({ ...NO_STATS, stream, lastSeq, storage });
    },
    /** Notes that an instance was made in place of one that broke. */
    restarted(): void {
      past = { ...past, restarts: past.restarts + 1 };
    },
    hasRestarted: (): boolean => past.restarts > 0,
    total(): Stats {
      const sum = addStats(addStats(past, seen), standIn.stats());
      const waiting = early.waiting();
      const lost = early.discarded();
      return {
        ...sum,
        recorded: sum.recorded + waiting + total(lost),
        waiting: sum.waiting + waiting,
        discarded: addCounts(sum.discarded, lost),
      };
    },
  };
}

/** Counts add up; what describes a running instance is that of the `later` one. */
function addStats(past: Stats, later: Partial<Stats>): Stats {
  const sum: Record<string, unknown> = { ...past };
  for (const [name, value] of Object.entries(later)) {
    const before = sum[name];
    if (typeof value === 'number' && name !== 'lastSeq') sum[name] = value + (typeof before === 'number' ? before : 0);
    else if (typeof value === 'object') sum[name] = addCounts(before, value);
    else sum[name] = value;
  }
  return sum as unknown as Stats;
}

function addCounts(some: unknown, others: unknown): Record<string, number> {
  const sum: Record<string, number> = { ...(some as Record<string, number>) };
  for (const [name, count] of Object.entries(others as Record<string, number>)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The account of a client that has not been there yet. */
export const NO_STATS = {
  stream: '',
  enabled: false,
  ...Object.fromEntries([...STATS, 'abandoned', 'withoutWasm', 'traps', 'restarts', 'cpuMs'].map((name) => [name, 0])),
  discarded: {},
  flushes: {},
  storage: 'none',
} as unknown as Stats;
