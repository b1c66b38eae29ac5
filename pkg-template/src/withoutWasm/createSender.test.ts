import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Call } from '../makeRecord.js';
import { createPost } from './createPost.js';
import { createSender } from './createSender.js';

interface Body {
  readonly v: number;
  readonly app: string;
  readonly stream: string;
  readonly events: readonly Record<string, unknown>[];
}

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const bodies = (): Body[] => fetched.mock.calls.map(([, { body }]) => JSON.parse(body as string) as Body);
const seqs = () => bodies().map(({ events }) => events.map(({ seq }) => seq));
const config = { endpoint: 'https://t.example/batch', token: 'a&b', app: 'quiz', release: '1.4.0' };
const error = (message: string): Call => ({ type: 'error', fields: { thrown: new TypeError(message), handled: false }, context: undefined });
const create = (maySend = () => true) => createSender(createPost(config), maySend);
const answer = (first: number, last: number) => Response.json({ acknowledged: [[first, last]] });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('location', { origin: 'https://app.example', pathname: '/quiz' });
  fetched.mockReset();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('sends what happens in one task as one batch of the protocol, without a preflight', async () => {
  fetched.mockImplementation(async () => answer(1, 2));
  const sender = create();
  sender.take(error('first'), 1_000);
  sender.take({ ...error('second'), context: { topic: 'Math', token: 'x' } }, 2_000);
  await vi.advanceTimersByTimeAsync(0);
  const [[url, init] = []] = fetched.mock.calls;
  expect(url).toBe('https://t.example/batch?token=a%26b');
  expect(init).toMatchObject({ method: 'POST', credentials: 'omit', redirect: 'error', keepalive: false });
  expect(init?.headers).toBeUndefined();
  const [body] = bodies();
  expect(body).toMatchObject({ v: 1, app: 'quiz', scope: { release: '1.4.0' } });
  expect(body?.stream).toMatch(/^[0-9a-f]{32}$/);
  expect(body?.events).toMatchObject([
    { seq: 1, type: 'error', timestamp: 1_000, page: 'https://app.example/quiz', errorType: 'TypeError', message: 'first', handled: false },
    { seq: 2, type: 'error', timestamp: 2_000, message: 'second', context: { topic: 'Math', token: '[redacted]' } },
  ]);
  expect(sender.stats()).toMatchObject({ recorded: 2, withoutWasm: 2, acknowledged: 2, waiting: 0, sent: 2, requests: 1 });
});

it.each([
  ['nobody answers', async () => Promise.reject(new TypeError('Failed to fetch'))],
  ['the answer is not ours', async () => new Response('<html>')],
  ['the server has an error', async () => new Response('{"acknowledged":[[1,9]]}', { status: 500 })],
])('tries again later, under the same places, if %s', async (_, fails) => {
  fetched.mockImplementationOnce(fails);
  fetched.mockImplementation(async () => answer(1, 2));
  const sender = create();
  sender.take(error('first'), 1);
  await vi.advanceTimersByTimeAsync(0);
  sender.take(error('second'), 2);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(fetched).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(seqs()).toEqual([[1], [1, 2]]);
  expect(new Set(bodies().map(({ stream }) => stream)).size).toBe(1);
  expect(sender.stats()).toMatchObject({ acknowledged: 2, waiting: 0, failedRequests: 1 });
});

it('makes one request in five seconds, and takes five hundred records a page', async () => {
  fetched.mockImplementation(async () => answer(1, 500));
  const sender = create();
  expect(Array.from({ length: 502 }, () => sender.take(error('x'), 1)).filter((isTaken) => !isTaken)).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(fetched).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(sender.stats()).toMatchObject({ recorded: 500, acknowledged: 500, waiting: 0 });
  expect(Math.max(...fetched.mock.calls.map(([, { body }]) => String(body).length))).toBeLessThan(64_000);
});

it('gives what waits to the browser when the page goes, and never sends it again', async () => {
  fetched.mockImplementation(async () => new Promise(() => undefined));
  const sender = create();
  sender.take(error('x'), 1);
  sender.sendNow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched.mock.calls.map(([, { keepalive }]) => keepalive)).toEqual([true]);
  expect(sender.stats()).toMatchObject({ recorded: 1, handedOver: 1, waiting: 0 });
});

it('counts what the server refuses for good', async () => {
  fetched.mockImplementation(async () => answer(2, 2));
  const sender = create();
  sender.take(error('x'), 1);
  sender.take(error('y'), 1);
  await vi.advanceTimersByTimeAsync(0);
  expect(sender.stats()).toMatchObject({ acknowledged: 1, waiting: 0, discarded: { other: 1 } });
});

it.each([
  ['nobody answers', async () => Promise.reject(new TypeError('Failed to fetch'))],
  ['the server has an error', async () => new Response('', { status: 503 })],
])('sends again what it gave to the browser, if the page stays and %s', async (_, fails) => {
  fetched.mockImplementationOnce(fails);
  fetched.mockImplementation(async () => answer(1, 1));
  const sender = create();
  sender.take(error('x'), 1);
  await vi.advanceTimersByTimeAsync(0).then(() => undefined);
  sender.take(error('y'), 1);
  fetched.mockImplementationOnce(fails);
  sender.sendNow();
  expect(sender.stats().waiting).toBe(0);
  fetched.mockImplementation(async () => answer(1, 2));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seqs()).toEqual([[1], [1, 2], [1, 2]]);
  expect(sender.stats()).toMatchObject({ recorded: 2, acknowledged: 2, handedOver: 0, waiting: 0 });
});

it('sends nothing while it may not, and not again what was to be forgotten', async () => {
  let may = false;
  fetched.mockImplementation(async () => Promise.reject(new TypeError('Failed to fetch')));
  const sender = create(() => may);
  sender.take(error('x'), 1);
  sender.sendNow();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).not.toHaveBeenCalled();
  may = true;
  sender.sendNow();
  expect(sender.forget()).toBe(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).toHaveBeenCalledTimes(1);
  sender.take(error('y'), 1);
  expect(sender.forget()).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(sender.stats()).toMatchObject({ recorded: 1, handedOver: 1, waiting: 0 });
});

it('leaves out what JSON cannot say, and sends the others', async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  fetched.mockImplementation(async () => answer(1, 9));
  const made = [cyclic, { fine: true }].map((context, at) => ({ call: { ...error(`number ${at}`), context }, at }));
  const { records } = createPost(config)(made, true);
  expect(bodies().map(({ events }) => events.map(({ message }) => message))).toEqual([['number 1']]);
  expect(records).toEqual(made);
});
