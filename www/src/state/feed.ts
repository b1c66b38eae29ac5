// The feed: the newest records that this page holds, and what of them is shown. Pure.

import type { EventsPage, RecordType, StoredRecord } from '../api/types.ts';

export interface Feed {
  /** Newest first, each number once. */
  readonly records: readonly StoredRecord[];
  /** What arrived while the feed was paused, newest first; undefined while it runs. */
  readonly held: readonly StoredRecord[] | undefined;
  /** Whether the store has records before the oldest one here. */
  readonly hasOlder: boolean;
  /** The types that are shown; none means all. */
  readonly filter: ReadonlySet<RecordType>;
}

/** A row: a record, or the mark of records that are stored but not held here. */
export type FeedRow =
  | { readonly kind: 'record'; readonly record: StoredRecord }
  | { readonly kind: 'gap'; readonly missing: number; readonly before: number };

export const EMPTY_FEED: Feed = {
  records: [],
  held: undefined,
  hasOlder: false,
  filter: new Set(),
};

/** Takes records in whatever order they come; what is already there is not taken twice. */
export function admit(feed: Feed, arrived: readonly StoredRecord[]): Feed {
  if (feed.held) return { ...feed, held: merge(feed.held, arrived) };
  return { ...feed, records: merge(feed.records, arrived) };
}

/** Takes a page of older records, also while the feed is paused. */
export function admitOlder(feed: Feed, page: EventsPage): Feed {
  const records = merge(feed.records, page.records);
  return { ...feed, records, hasOlder: page.next !== undefined };
}

/** Whether a page of older records can be asked for, and would be kept. */
export function canGrow(feed: Feed): boolean {
  return feed.hasOlder && feed.records.length < MOST_RECORDS;
}

export function pause(feed: Feed): Feed {
  return feed.held ? feed : { ...feed, held: [] };
}

/** Shows what was held. */
export function resume(feed: Feed): Feed {
  return { ...feed, records: merge(feed.records, feed.held ?? []), held: undefined };
}

export function toggleType(feed: Feed, type: RecordType): Feed {
  const filter = new Set(feed.filter);
  if (!filter.delete(type)) filter.add(type);
  return { ...feed, filter };
}

export function showOnly(feed: Feed, types: readonly RecordType[]): Feed {
  return { ...feed, filter: new Set(types) };
}

/** How many of the held records are not on the screen yet. */
export function countHeld(feed: Feed): number {
  if (!feed.held) return 0;
  const shown = new Set(feed.records.map((record) => record.n));
  return feed.held.filter((record) => !shown.has(record.n)).length;
}

/** The rows under the filter. A gap is shown whatever the filter: nobody knows what is in it. */
export function rowsOf(feed: Feed): readonly FeedRow[] {
  const rows: FeedRow[] = [];
  let newer: number | undefined;
  for (const record of feed.records) {
    const missing = newer === undefined ? 0 : newer - record.n - 1;
    if (missing > 0) rows.push({ kind: 'gap', missing, before: record.n });
    if (isShown(feed, record)) rows.push({ kind: 'record', record });
    newer = record.n;
  }
  return rows;
}

/** The shown record next to the one with this number: -1 the newer, 1 the older. */
export function neighbour(feed: Feed, n: number, step: -1 | 1): StoredRecord | undefined {
  const shown = feed.records.filter((record) => isShown(feed, record));
  return step === 1
    ? shown.find((record) => record.n < n)
    : shown.findLast((record) => record.n > n);
}

function isShown(feed: Feed, record: StoredRecord): boolean {
  return feed.filter.size === 0 || feed.filter.has(record.type);
}

function merge(
  known: readonly StoredRecord[],
  arrived: readonly StoredRecord[],
): readonly StoredRecord[] {
  const numbers = new Set(known.map((record) => record.n));
  const fresh = arrived.filter(({ n }) => !numbers.has(n) && numbers.add(n));
  if (fresh.length === 0) return known;
  return [...fresh, ...known].sort((a, b) => b.n - a.n).slice(0, MOST_RECORDS);
}

/** Enough to look back a little, and quick to draw; the store has the rest. */
export const MOST_RECORDS = 500;
