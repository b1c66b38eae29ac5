import { expect, it } from 'vitest';
import { decodeCounts } from './decodeCounts.ts';
import { decodeHealth } from './decodeHealth.ts';

it('reads totals and points, and drops types it does not know', () => {
  const counts = decodeCounts({
    total: 3,
    uniqueSessions: 1,
    byType: { log: 2, error: 1, constructor: 9 },
    points: [{ timestamp: '2026-11-20T10:05:00Z', byType: { log: 2, error: 1 } }, { timestamp: 5 }],
  });
  expect(counts).toEqual({
    total: 3,
    uniqueSessions: 1,
    uniqueUsers: 0,
    byType: { log: 2, error: 1 },
    points: [{ minute: Date.parse('2026-11-20T10:05:00Z'), byType: { log: 2, error: 1 } }],
  });
});

it('is undefined for an answer of somebody else', () => {
  expect(decodeCounts({ hello: 'world' })).toBeUndefined();
  expect(decodeHealth({ status: 'ok' })).toBeUndefined();
  expect(decodeHealth(undefined)).toBeUndefined();
});

it('knows no last event where there was none', () => {
  const health = decodeHealth({ status: 'ok', version: '0.1.0', lastEventAt: null });
  expect(health?.lastEventAt).toBeUndefined();
});
