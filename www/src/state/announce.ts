// What a screen reader is told. Pure.

import type { StoredRecord } from '../api/types.ts';
import { countOf } from '../format/numbers.ts';
import type { Link } from './link.ts';

/** One sentence for all records since the last one: a feed read aloud would be a flood. */
export function announceRecords(records: readonly StoredRecord[]): string {
  const errors = records.filter((record) => record.type === 'error').length;
  const all = `${countOf(records.length, 'new record')}`;
  return errors > 0 ? `${all}, ${countOf(errors, 'error')} among them.` : `${all}.`;
}

/** Undefined where nothing has changed that is worth saying. */
export function announceLink(before: Link, after: Link): string | undefined {
  if (before.kind === after.kind) return undefined;
  switch (after.kind) {
    case 'connecting':
      return undefined;
    case 'live':
      return before.kind === 'connecting' ? undefined : 'The live feed is back.';
    case 'interrupted':
      return before.kind === 'live' ? 'The live feed is interrupted.' : undefined;
    case 'unreachable':
      return 'The server cannot be reached. Trying again.';
  }
}
