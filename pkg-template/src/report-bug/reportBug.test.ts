import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isOwnUrl } from '../ownUrls.js';
import { routeBeside } from '../routeBeside.js';
import { createUploads } from './createUploads.js';
import { defineReportBug } from './defineReportBug.js';
import { isHiddenFor } from './isHiddenFor.js';
import { overdue } from './keptShots.js';
import type { KeptShot } from './keptShots.js';
import { attempts } from './screenshot.js';

it.each([
  ['admin', { role: 'admin' }, true],
  ['owner, admin', { role: 'admin' }, true],
  ['owner admin', { id: 'owner' }, true],
  ['admin', { role: 'administrator' }, false],
  ['admin', {}, false],
  ['', { role: '' }, false],
  [null, { role: 'admin' }, false],
])('hide-for %o hides from %o: %o', (hideFor, viewer, isHidden) => {
  expect(isHiddenFor(hideFor, viewer)).toBe(isHidden);
});

it.each([
  ['https://t.example/api/telemetry/batch', 'https://t.example/api/uploads'],
  ['https://t.example/first/api/telemetry/batch?x=1', 'https://t.example/first/api/uploads'],
  ['https://t.example/collect', 'https://t.example/api/uploads'],
])('the route beside %s is %s', (endpoint, url) => {
  expect(routeBeside(endpoint, '/api/uploads')).toBe(url);
});

describe('an image', () => {
  it('is tried smaller and smaller, and is never larger than it was', () => {
    const tried = attempts(5_120, 100);
    expect(tried[0]).toEqual([0.5, 0.85]);
    expect(attempts(10, 10)[0]).toEqual([1, 0.85]);
    const costs = tried.map(([scale, quality]) => [scale, quality] as const);
    expect(costs).toEqual([...costs].sort(([a, b], [c, d]) => c - a || d - b));
  });

  const shot = (id: string, at: number, size: number): KeptShot => ({ id, at, url: '', blob: { size } as Blob });

  it.each([
    ['beyond three, the oldest go', [shot('a', 1, 1), shot('b', 4, 1), shot('c', 3, 1), shot('d', 2, 1)], 5, ['a']],
    ['beyond 3 MiB, the oldest go', [shot('a', 1, 2_000_000), shot('b', 2, 2_000_000)], 3, ['a']],
    ['after 14 days each goes', [shot('a', 0, 1), shot('b', 2, 1)], 14 * 86_400_000 + 1, ['a']],
    ['within the limits none goes', [shot('a', 1, 1_048_576), shot('b', 2, 1_048_576), shot('c', 3, 1_048_576)], 4, []],
  ])('waits within limits: %s', (_, shots, now, gone) => {
    expect(overdue(shots, now).map(({ id }) => id)).toEqual(gone);
  });
});

describe('an upload', () => {
  const id = 'ab'.repeat(32);
  const to = { endpoint: '/api/telemetry/batch', uploads: 'https://t.example/api/uploads', token: 'key', consent: 'granted' as const };

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Sends one image to a server that gives these answers one after the other; there is no database here. */
  async function sent(...answers: (object | Error)[]) {
    const fetch = vi.fn(async (..._: unknown[]) => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return { ok: !('error' in (answer ?? {})), json: async () => answer };
    });
    vi.stubGlobal('fetch', fetch);
    const onDrop = vi.fn();
    const uploads = createUploads(() => to, onDrop);
    await uploads.keep(id, new Blob(['x'], { type: 'image/webp' }), to.uploads);
    await vi.advanceTimersByTimeAsync(0);
    return { fetch, onDrop, uploads };
  }

  it('goes with the key, and without what the browser knows of the user', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout');
    const { fetch, onDrop } = await sent({ beaconry: 1, id });
    const [url, options] = fetch.mock.calls[0] as [string, object];
    expect(url).toBe('https://t.example/api/uploads');
    // Hooks do not take it for a request of the app.
    expect(isOwnUrl(new URL(url))).toBe(true);
    expect((options as RequestInit).signal).toBe(limit.mock.results[0]?.value);
    expect(limit.mock.calls).toEqual([[60_000]]);
    expect(options).toMatchObject({
      method: 'POST',
      headers: { 'Content-Type': 'image/webp', 'X-Telemetry-Token': 'key' },
      credentials: 'omit',
      redirect: 'error',
    });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(onDrop).not.toHaveBeenCalled();
  });

  it.each([
    ['there is no network', new TypeError('offline')],
    ['somebody else answers', { id }],
    ['another image is acknowledged', { beaconry: 1, id: 'cd'.repeat(32) }],
    ['the disk is full', { beaconry: 1, error: 'storage_full' }],
    ['the key is wrong', { beaconry: 1, error: 'unauthorized' }],
  ])('is sent again when %s', async (_, answer) => {
    const { fetch, onDrop } = await sent(answer, { beaconry: 1, id });
    expect(fetch).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(onDrop).not.toHaveBeenCalled();
  });

  it('that will never be taken is given up and named', async () => {
    const { fetch, onDrop } = await sent({ beaconry: 1, error: 'unsupported_type' });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(onDrop.mock.calls).toEqual([[id, 'unsupported_type']]);
  });

  it('is not tried again once the element is gone', async () => {
    const { fetch, uploads } = await sent(new TypeError('offline'));
    uploads.stop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that fails after the element is gone starts nothing', async () => {
    let fail = (_: Error): void => undefined;
    vi.stubGlobal('fetch', () => new Promise((_, reject) => (fail = reject)));
    const uploads = createUploads(() => to, vi.fn());
    await uploads.keep(id, new Blob(['x']), to.uploads);
    await vi.advanceTimersByTimeAsync(0);
    uploads.stop();
    fail(new TypeError('offline'));
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('defines nothing where there are no custom elements', () => {
  expect(() => defineReportBug()).not.toThrow();
});
