import { afterEach, expect, it, vi } from 'vitest';
import { untilPainted } from './untilPainted.js';

/** A page whose frames come when the test says so. */
function stubPage(visibilityState: string, entries: readonly object[] = []) {
  const frames: (() => void)[] = [];
  const listeners = new Map<string, () => void>();
  const document = { visibilityState };
  vi.stubGlobal('document', document);
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => listeners.set(type, listener));
  vi.stubGlobal('removeEventListener', (type: string) => listeners.delete(type));
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue(entries as PerformanceEntryList);
  return { document, frames, listeners };
}

/** Whether it has resolved by now. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  return Promise.race([wait.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('waits for the second frame, and for a task behind it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { frames, listeners } = stubPage('visible');
  const wait = untilPainted();
  frames.shift()?.();
  vi.advanceTimersByTime(1);
  expect(await isOver(wait)).toBe(false);
  frames.shift()?.();
  expect(await isOver(wait)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await isOver(wait)).toBe(true);
  expect([listeners.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it('does not wait for ever where no frame comes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  stubPage('visible');
  const wait = untilPainted();
  vi.advanceTimersByTime(999);
  expect(await isOver(wait)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await isOver(wait)).toBe(true);
});

it('goes on when the page is hidden', async () => {
  const { document, listeners } = stubPage('visible');
  const wait = untilPainted();
  expect(await isOver(wait)).toBe(false);
  document.visibilityState = 'hidden';
  listeners.get('visibilitychange')?.();
  expect(await isOver(wait)).toBe(true);
  expect(listeners.size).toBe(0);
});

it.each([
  ['in the background', () => stubPage('hidden')],
  ['in a worker', () => undefined],
])('does not wait %s', async (_, stub) => {
  stub();
  expect(await isOver(untilPainted())).toBe(true);
});

it('sets no timer where the page has been painted', async () => {
  const { frames } = stubPage('visible', [{}]);
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  await untilPainted();
  expect([frames.length, setTimeout.mock.calls.length]).toEqual([0, 0]);
});

it('goes by the timer where a frame cannot be asked for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { listeners } = stubPage('visible');
  vi.stubGlobal('requestAnimationFrame', () => { throw new Error('from the app'); });
  const wait = untilPainted();
  vi.advanceTimersByTime(1_000);
  expect(await isOver(wait)).toBe(true);
  expect(listeners.size).toBe(0);
});
