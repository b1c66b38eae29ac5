import { describe, expect, it } from 'vitest';
import { aRecord } from '../../test/aRecord.ts';
import { EMPTY_FEED, MOST_RECORDS, admit, countHeld, neighbour, pause, resume, rowsOf, showOnly, toggleType } from './feed.ts';
import type { Feed } from './feed.ts';

const feedOf = (...numbers: number[]) => admit(EMPTY_FEED, numbers.map((n) => aRecord(n)));
const numbersOf = (feed: Feed) => feed.records.map(({ n }) => n);

describe('admit', () => {
  it('keeps the newest first, in whatever order they come', () => {
    expect(numbersOf(feedOf(2, 1, 3))).toEqual([3, 2, 1]);
    expect(numbersOf(admit(feedOf(3, 4), [aRecord(1), aRecord(5)]))).toEqual([5, 4, 3, 1]);
  });

  it('takes no record twice, and then changes nothing', () => {
    const feed = feedOf(1, 2);
    expect(admit(feed, [aRecord(2), aRecord(1)]).records).toBe(feed.records);
    expect(numbersOf(feedOf(1, 1))).toEqual([1]);
  });

  it('is bounded, and forgets the oldest', () => {
    const numbers = numbersOf(feedOf(...Array.from({ length: MOST_RECORDS + 5 }, (_, i) => i + 1)));
    expect(numbers).toHaveLength(MOST_RECORDS);
    expect(numbers.at(-1)).toBe(6);
  });
});

describe('pause', () => {
  it('holds what comes, counts it once, and shows it on resume', () => {
    const paused = admit(pause(feedOf(1, 2)), [aRecord(3), aRecord(2)]);
    expect(numbersOf(paused)).toEqual([2, 1]);
    expect(countHeld(paused)).toBe(1);
    expect(numbersOf(resume(paused))).toEqual([3, 2, 1]);
    expect(countHeld(resume(paused))).toBe(0);
  });

  it('holds what it held when it is asked for twice', () => {
    const paused = admit(pause(feedOf(1)), [aRecord(2)]);
    expect(pause(paused)).toBe(paused);
  });
});

describe('rowsOf', () => {
  const mixed = admit(EMPTY_FEED, [aRecord(1), aRecord(2, { type: 'error' }), aRecord(3)]);
  const shown = (feed: Feed) =>
    rowsOf(feed).map((row) => (row.kind === 'gap' ? `gap of ${row.missing}` : row.record.n));

  it('shows all types until some are chosen', () => {
    expect(shown(mixed)).toEqual([3, 2, 1]);
    expect(shown(toggleType(mixed, 'error'))).toEqual([2]);
    expect(shown(toggleType(toggleType(mixed, 'error'), 'log'))).toEqual([3, 2, 1]);
    expect(shown(toggleType(toggleType(mixed, 'error'), 'error'))).toEqual([3, 2, 1]);
    expect(shown(showOnly(mixed, ['vital']))).toEqual([]);
  });

  it('marks numbers that are missing in between, whatever the filter', () => {
    expect(shown(feedOf(1, 2, 6))).toEqual([6, 'gap of 3', 2, 1]);
    expect(shown(showOnly(feedOf(1, 6), ['error']))).toEqual(['gap of 4']);
  });

  it('steps among the shown ones only', () => {
    const logs = showOnly(mixed, ['log']);
    expect(neighbour(logs, 3, 1)?.n).toBe(1);
    expect(neighbour(logs, 1, -1)?.n).toBe(3);
    expect(neighbour(logs, 3, -1)).toBeUndefined();
  });
});
