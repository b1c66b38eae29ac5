import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADOPT, ATTACH, DETACH, SEND, SEND_LATER, SET_OWN, STREAM_LOST, WRITE, builtPage, storageOf } from './testing/builtPage.js';
import type { Page } from './testing/builtPage.js';

let pageIn: (scope: object) => Page;

beforeAll(async () => {
  pageIn = await builtPage();
});

it('lets what is under way go on where an instance breaks: it may be the last chance', () => {
  const asked: AbortSignal[] = [];
  const ask = (_: string, { signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    return new Promise(() => undefined);
  };
  const page = pageIn({ localStorage: storageOf(new Map()), fetch: ask, fetchLater: ask, AbortController });
  const one = page.createPage('app', '/', undefined);
  page.perform(one, ATTACH, '');
  page.perform(one, SEND, '1', 'a body', 1);
  page.perform(one, SEND_LATER, 'another');
  page.endAll();
  expect(asked.map(({ aborted }) => aborted)).toEqual([false, false]);
});

/** Locks as browsers give them: asked for and released in tasks of their own. */
function createLocks() {
  const held = new Set<string>();
  const task = () => new Promise((resolve) => setTimeout(resolve));
  return {
    held,
    async request(name: string, _: object, use: (lock: object | null) => unknown) {
      const isFree = !held.has(name);
      if (isFree) held.add(name);
      await task();
      const end = await use(isFree ? {} : null);
      await task();
      if (isFree) held.delete(name);
      return end;
    },
  };
}

describe('a client that is switched off and on', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 2, 7, 50])('%i times at once keeps its stream and holds its lock once', async (flips) => {
    const locks = createLocks();
    const said: number[] = [];
    const page = pageIn({ localStorage: storageOf(new Map()), navigator: { locks }, setTimeout, clearTimeout });
    page.connect((_, what) => said.push(what));
    const one = page.createPage('app', '/', undefined);
    const switchOn = () => {
      page.perform(one, ATTACH, '');
      page.perform(one, SET_OWN, '2'.repeat(32));
      page.perform(one, ADOPT);
    };
    const settle = () => vi.advanceTimersByTimeAsync(1_000);
    switchOn();
    await settle();
    for (let flip = 0; flip < flips; flip += 1) {
      page.perform(one, DETACH);
      switchOn();
    }
    await settle();
    expect(said).not.toContain(STREAM_LOST);
    expect([...locks.held]).toEqual([`beaconry:app:${'2'.repeat(32)}`]);
    page.perform(one, DETACH);
    await settle();
    expect([...locks.held]).toEqual([]);
  });
});
