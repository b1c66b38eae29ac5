import { describe, expect, it } from 'vitest';
import { aRecord } from '../../test/aRecord.ts';
import type { Counts } from '../api/types.ts';
import { EMPTY_SERIES, MINUTES, addLive, barsOf, recount, totalsOf } from './series.ts';

const NOW = Date.parse('2026-11-20T10:30:40Z');
const minute = (clock: string) => Date.parse(`2026-11-20T${clock}:00Z`);
const at = (clock: string, type = 'log') => aRecord(1, { type, received_at: `2026-11-20T${clock}Z` });

function counted(points: Counts['points']): Counts {
  return { total: 0, uniqueSessions: 0, uniqueUsers: 0, byType: {}, points };
}

describe('barsOf', () => {
  it('has a bar for each minute up to now, also for the empty ones', () => {
    const bars = barsOf(EMPTY_SERIES, NOW);
    expect(bars).toHaveLength(MINUTES);
    expect(bars[0]).toEqual({ minute: minute('10:01'), byType: {}, total: 0 });
    expect(bars.at(-1)?.minute).toBe(minute('10:30'));
  });

  it('adds live records to what the server counted', () => {
    const points = [{ minute: minute('10:29'), byType: { log: 4, error: 1 } }];
    const series = addLive(recount(EMPTY_SERIES, counted(points), NOW), [at('10:29:59')], NOW);
    expect(barsOf(series, NOW).at(-2)).toMatchObject({ byType: { log: 5, error: 1 }, total: 6 });
    expect(totalsOf(barsOf(series, NOW))).toMatchObject({ log: 5, error: 1, vital: 0 });
  });

  it('leaves out what is older than its first minute, or of the future', () => {
    const series = addLive(EMPTY_SERIES, [at('10:00:59'), at('10:31:00')], NOW);
    expect(totalsOf(barsOf(series, NOW)).log).toBe(0);
  });
});

describe('recount', () => {
  it('forgets the live records that the new count contains, and keeps the later ones', () => {
    const early = addLive(EMPTY_SERIES, [at('10:30:00')], NOW);
    const both = addLive(early, [at('10:30:30', 'event')], NOW + 20);
    const points = [{ minute: minute('10:30'), byType: { log: 1 } }];
    const bars = barsOf(recount(both, counted(points), NOW + 10), NOW);
    expect(bars.at(-1)?.byType).toEqual({ log: 1, event: 1 });
  });
});
