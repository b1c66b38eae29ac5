import { afterEach, expect, it, vi } from 'vitest';
import type { Call } from './makeRecord.js';
import { createStandIn } from './standIn.js';
import type { Post } from './withoutWasm/index.js';

const call = (type: Call['type']): Call => ({ type, fields: {}, context: undefined });

afterEach(() => void vi.restoreAllMocks());

it('gives what the loader can post, and keeps the rest for the next time', () => {
  const answer = new Promise(() => undefined);
  const post = vi.fn<Post>((records) => ({ records: records.slice(0, 1), answer: answer as Promise<Response> }));
  const standIn = createStandIn(() => true);
  standIn.bring(() => post, 3);
  standIn.use({ endpoint: '/i' });
  standIn.take(call('log'), 1);
  standIn.take(call('event'), 2);
  standIn.sendNow();
  expect(standIn.stats()).toMatchObject({ recorded: 5, handedOver: 4, waiting: 1, withoutWasm: 5 });
  standIn.sendNow();
  standIn.sendNow();
  expect(post.mock.calls.map(([records]) => records.map(({ at }) => at))).toEqual([[1, 2], [2]]);
});

it('samples what is no error', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.4);
  const standIn = createStandIn(() => true);
  standIn.bring(() => vi.fn<Post>(), 0);
  standIn.use({ endpoint: '/i' });
  standIn.setRates({ sampleRate: 0.5, tracesSampleRate: 0.5 });
  const taken = (['error', 'log', 'trace'] as const).map((type) => standIn.take(call(type), 1));
  expect(taken).toEqual([undefined, undefined, 'sampled_out']);
  standIn.setRates({ sampleRate: 0.3 });
  expect([standIn.take(call('log'), 1), standIn.take(call('error'), 1)]).toEqual(['sampled_out', undefined]);
});

it.each([
  ['nobody answers', () => Promise.reject(new TypeError('gone'))],
  ['the server has an error', () => Promise.resolve(new Response('', { status: 503 }))],
])('sends again, under the same place, what it gave in vain to a page that stays: %s', async (_, fail) => {
  const post = vi.fn<Post>((records) => ({ records, answer: new Promise(() => undefined) }));
  post.mockImplementationOnce((records) => ({ records, answer: fail() }));
  const standIn = createStandIn(() => true);
  standIn.bring(() => post, 0);
  standIn.use({ endpoint: '/i' });
  standIn.take(call('error'), 1);
  standIn.sendNow();
  expect(standIn.stats()).toMatchObject({ handedOver: 1, waiting: 0 });
  await vi.waitFor(() => expect(post).toHaveBeenCalledTimes(2), { timeout: 20_000 });
  expect(post.mock.calls[1]?.[0][0]).toBe(post.mock.calls[0]?.[0][0]);
  expect(standIn.stats()).toMatchObject({ recorded: 1, handedOver: 0, waiting: 1 });
});
