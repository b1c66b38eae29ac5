// The last thirty minutes by the minute in which records were received: what the server counted, and
// the live records since. Pure.

import { RECORD_TYPES } from '../api/types.ts';
import type { CountByType, Counts, MinutePoint, RecordType, StoredRecord } from '../api/types.ts';

export interface Series {
  /** The server's last count; undefined until the first answer. */
  readonly counted: Counts | undefined;
  /** Live records that were heard of after that count was asked for. */
  readonly since: readonly LiveMark[];
}

/** What the chart needs of a live record. */
export interface LiveMark {
  readonly type: RecordType;
  readonly receivedAt: number;
  /** When this page heard of it. */
  readonly heardAt: number;
}

/** One bar: every minute has one, also those without records. */
export interface Bar {
  readonly minute: number;
  readonly byType: CountByType;
  readonly total: number;
}

export const EMPTY_SERIES: Series = { counted: undefined, since: [] };
export const MINUTES = 30;
const MINUTE_MS = 60_000;

/**
 * A new count replaces the old one, and the live records that it must contain already: the server
 * tells of a record when it counts it, so whatever was heard before the question is in the answer.
 */
export function recount(series: Series, counted: Counts, askedAt: number): Series {
  return { counted, since: series.since.filter((mark) => mark.heardAt >= askedAt) };
}

/** The live records move the counts at once, until the server's next count takes over. */
export function addLive(
  series: Series,
  records: readonly StoredRecord[],
  heardAt: number,
): Series {
  const marks = records.map(({ type, receivedAt }) => ({ type, receivedAt, heardAt }));
  return { ...series, since: [...series.since, ...marks].slice(-MOST_MARKS) };
}

/** The bars of the minutes up to `now`, oldest first. */
export function barsOf(series: Series, now: number): readonly Bar[] {
  const last = beginOfMinute(now);
  const counts = new Map<number, { [type in RecordType]?: number }>();
  for (const point of series.counted?.points ?? []) add(counts, point);
  for (const { type, receivedAt } of series.since) {
    add(counts, { minute: receivedAt, byType: { [type]: 1 } });
  }
  return Array.from({ length: MINUTES }, (_, index) => {
    const minute = last - (MINUTES - 1 - index) * MINUTE_MS;
    const byType = counts.get(minute) ?? {};
    return { minute, byType, total: sum(byType) };
  });
}

/** The totals of some bars by type. */
export function totalsOf(bars: readonly Bar[]): CountByType {
  const totals: { [type in RecordType]?: number } = {};
  for (const { byType } of bars) {
    for (const type of RECORD_TYPES) totals[type] = (totals[type] ?? 0) + (byType[type] ?? 0);
  }
  return totals;
}

export function sum(byType: CountByType): number {
  return RECORD_TYPES.reduce((total, type) => total + (byType[type] ?? 0), 0);
}

function add(counts: Map<number, { [type in RecordType]?: number }>, point: MinutePoint): void {
  const minute = beginOfMinute(point.minute);
  const bucket = counts.get(minute) ?? {};
  for (const type of RECORD_TYPES) {
    const more = point.byType[type];
    if (more) bucket[type] = (bucket[type] ?? 0) + more;
  }
  counts.set(minute, bucket);
}

function beginOfMinute(millis: number): number {
  return Math.floor(millis / MINUTE_MS) * MINUTE_MS;
}

/** The server counts again long before a page has seen so many. */
const MOST_MARKS = 20_000;
