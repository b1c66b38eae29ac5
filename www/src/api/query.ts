// The addresses of the queries, written once: the page asks them, and links to them so that every
// number can be looked up.

import type { RecordType } from './types.ts';

export const HEALTH = '/api/health';
export const NEWEST = '/api/events?limit=100';
export const LIVE = '/api/live';
export const COUNTS = '/api/telemetry?days=1&bucket=minute';

/** The records just before the one with this number. */
export function olderThan(n: number): string {
  return `${NEWEST}&before=${n}`;
}

export function countsOf(type: RecordType): string {
  return `${COUNTS}&type=${type}`;
}
