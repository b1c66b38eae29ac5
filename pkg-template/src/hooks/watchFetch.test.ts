import { afterEach, expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { watchFetch } from './watchFetch.js';

afterEach(() => vi.unstubAllGlobals());

const given = { method: 'PUT', headers: { 'x-own': '1' } };
const readOnly = {};
for (const [key, value] of Object.entries(given)) Object.defineProperty(readOnly, key, { value });

it.each([
  ['frozen', Object.freeze({ ...given })],
  ['that cannot be written', readOnly],
  ['that inherit', Object.create(given) as object],
])('adds its header to options %s', async (_, init) => {
  const sent = vi.fn(async (_url: string, options: RequestInit) => new Response(options.method));
  vi.stubGlobal('fetch', sent);
  const stop = watchFetch(createFakeTelemetry().telemetry, { begin: () => 'ours', end: () => undefined });
  expect(await (await fetch('https://a.example/', init)).text()).toBe('PUT');
  const headers = sent.mock.calls[0]?.[1].headers as Headers;
  expect([headers.get('x-own'), headers.get('traceparent')]).toEqual(['1', 'ours']);
  stop();
});

it('leaves options to others who wrap fetch, and copy them', async () => {
  const sent = vi.fn(async (_url: string, options: RequestInit) => Response.json({ ...options }));
  vi.stubGlobal('fetch', sent);
  const stop = watchFetch(createFakeTelemetry().telemetry, { begin: () => 'ours', end: () => undefined });
  expect(await (await fetch('https://a.example/', Object.freeze({ method: 'PUT', body: 'x' }))).json()).toMatchObject({ method: 'PUT', body: 'x', headers: {} });
  stop();
});
