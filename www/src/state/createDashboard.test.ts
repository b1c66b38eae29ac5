import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { aRecord } from '../../test/aRecord.ts';
import type { Api } from '../api/createApi.ts';
import type { LiveFeedHandlers } from '../api/openLiveFeed.ts';
import type { Answer, Health, StoredRecord } from '../api/types.ts';
import { createDashboard } from './createDashboard.ts';
import type { Dashboard, DashboardState } from './createDashboard.ts';

const health: Health = {
  status: 'ok',
  version: '0.1.0',
  uptimeSeconds: 1,
  stored: 2,
  indexed: 2,
  indexLag: 0,
  lastEventAt: undefined,
  damagedLines: 0,
  hasLogin: false,
};
const down: Answer<never> = { ok: false, failure: { kind: 'unreachable' } };

let api: { [query in keyof Api]: ReturnType<typeof vi.fn<Api[query]>> };
let feed: LiveFeedHandlers;
let state: DashboardState;
let dashboard: Dashboard;
let stored: StoredRecord[];

beforeEach(() => {
  vi.useFakeTimers();
  stored = [aRecord(2), aRecord(1)];
  const counts = { total: 2, uniqueSessions: 1, uniqueUsers: 0, byType: {}, points: [] };
  api = {
    health: vi.fn(async () => ({ ok: true, value: health })),
    counts: vi.fn(async () => ({ ok: true, value: counts })),
    newest: vi.fn(async () => ({ ok: true, value: { records: stored, next: undefined } })),
    olderThan: vi.fn(async () => ({ ok: true, value: { records: [], next: undefined } })),
  };
  dashboard = createDashboard({
    api,
    openFeed(handlers) {
      feed = handlers;
      return { close() {} };
    },
    now: Date.now,
    show: (shown) => (state = shown),
  });
});

afterEach(() => {
  dashboard.stop();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);
async function begin(): Promise<void> {
  dashboard.start();
  await settle();
}
const numbers = () => state.feed.records.map(({ n }) => n);

it('asks again and again where the live feed never opens', async () => {
  await begin();
  expect(numbers()).toEqual([2, 1]);
  expect(state.series.counted?.total).toBe(2);
  stored = [aRecord(3), ...stored];
  await vi.advanceTimersByTimeAsync(2_000);
  expect(numbers()).toEqual([3, 2, 1]);
  expect(state.link).toEqual({ kind: 'connecting' });
});

it('keeps what it has while the server is away, and fetches what it missed', async () => {
  await begin();
  feed.opened();
  await settle();
  api.health.mockResolvedValue(down);
  feed.broke();
  await settle();
  expect(state.link.kind).toBe('unreachable');
  expect(numbers()).toEqual([2, 1]);
  api.health.mockResolvedValue({ ok: true, value: health });
  stored = [aRecord(4), aRecord(3), ...stored];
  feed.opened();
  await settle();
  expect(state.link.kind).toBe('live');
  expect(numbers()).toEqual([4, 3, 2, 1]);
});

it('asks more often while there is trouble', async () => {
  await begin();
  feed.opened();
  await settle();
  api.health.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(api.health).toHaveBeenCalledTimes(2);
  api.health.mockClear().mockResolvedValue(down);
  feed.broke();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(api.health).toHaveBeenCalledTimes(6);
});

it('counts skipped records and fetches the newest', async () => {
  await begin();
  feed.opened();
  await settle();
  stored = [aRecord(3), ...stored];
  feed.lagged(1);
  await settle();
  expect(state.missed).toBe(1);
  expect(numbers()).toEqual([3, 2, 1]);
  dashboard.actions.dismissMissed();
  expect(state.missed).toBe(0);
});

it('fetches older records until there are none', async () => {
  stored = [aRecord(9), aRecord(8)];
  api.newest.mockResolvedValue({ ok: true, value: { records: stored, next: 8 } });
  await begin();
  expect(state.feed.hasOlder).toBe(true);
  api.olderThan.mockResolvedValue({ ok: true, value: { records: [aRecord(7)], next: undefined } });
  dashboard.actions.loadOlder();
  await settle();
  expect(api.olderThan).toHaveBeenCalledWith(8);
  expect(numbers()).toEqual([9, 8, 7]);
  expect(state.feed.hasOlder).toBe(false);
});

it('is silent to a screen reader while the feed is paused', async () => {
  await begin();
  feed.opened();
  await settle();
  dashboard.actions.togglePause();
  feed.record(aRecord(3));
  expect(state.announcement).toBe('');
  dashboard.actions.togglePause();
  feed.record(aRecord(4));
  await vi.advanceTimersByTimeAsync(250);
  expect(state.announcement).toBe('1 new record.');
});

it('keeps the selected record though the feed moves on', async () => {
  await begin();
  dashboard.actions.select(aRecord(1));
  dashboard.actions.step(-1);
  expect(state.selected?.n).toBe(2);
  dashboard.actions.step(-1);
  expect(state.selected?.n).toBe(2);
  dashboard.actions.closeDetails();
  expect(state.selected).toBeUndefined();
});

it('does nothing any more after it was stopped', async () => {
  await begin();
  dashboard.stop();
  api.health.mockClear();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.health).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
