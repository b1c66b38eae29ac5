import { afterEach, expect, it, vi } from 'vitest';
import { createApi } from './createApi.ts';

afterEach(() => vi.unstubAllGlobals());

it.each([
  [401, 1],
  [429, 0],
  [500, 0],
])('asks for the key after %i: %i times', async (status, times) => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('{}', { status })));
  const logIn = vi.fn();
  const answer = await createApi(logIn).counts();
  expect(answer).toEqual({ ok: false, failure: { kind: 'refused', status } });
  expect(logIn).toHaveBeenCalledTimes(times);
});
