import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TelemetryClient as Client } from './TelemetryClient.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('./testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('./TelemetryClient.js');

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;
const explode = (): never => {
  throw new Error('from the app');
};
const hostile: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['a string', 'text'],
  ['a symbol', Symbol('s')],
  ['a bigint', 5n],
  ['a function', () => 1],
  ['a node', { nodeType: 1, parentNode: {} }],
  ['ten million characters', 'x'.repeat(1e7)],
  ['a cycle', cycle],
  ['a getter that throws', { get id() { return explode(); }, get handled() { return explode(); }, get isFeatureEnabled() { return explode(); } }],
  ['a proxy that throws', new Proxy({}, { get: explode, ownKeys: explode, has: explode, getPrototypeOf: explode })],
  ['a revoked proxy', revoked.proxy],
];

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  wasm.reset();
  process.on('unhandledRejection', onUnhandled);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(async () => {
  // Rejections are reported once the microtasks are done.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

/** Every public method, with the same value for everything. */
async function callAll(telemetry: Client, value: unknown): Promise<void> {
  const given = value as never;
  telemetry.setUser(given);
  telemetry.setContext(given);
  telemetry.setConsent(given);
  telemetry.log(given, given, given);
  telemetry.metric(given, given, given);
  telemetry.trace(given, given, given, given);
  telemetry.startSpan(given, given, given).end(given);
  telemetry.vital(given);
  telemetry.error(given, given, given);
  telemetry.event(given, given);
  telemetry.trackEvent(given, given);
  telemetry.isEnabled();
  telemetry.getSessionId();
  telemetry.getBuffer();
  telemetry.stats();
  await telemetry.flush();
  await telemetry.delivered(given);
}

describe.each(hostile)('%s', (_, value) => {
  it('throws nothing before the start, and is replayed', async () => {
    const telemetry = new TelemetryClient();
    await callAll(telemetry, value);
    await telemetry.start({ endpoint: '/ingest' });
    expect(telemetry.stats()).toMatchObject({ recorded: 8, waiting: 8 });
  });

  it('throws nothing when it runs', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start({ endpoint: '/ingest' });
    telemetry.setContext({ release: '1' });
    await callAll(telemetry, value);
    wasm.isGlueThrowing = true;
    await callAll(telemetry, value);
    await telemetry.shutdown();
    expect(telemetry.stats().discarded['client_failed']).toBeGreaterThan(0);
  });

  it('throws nothing as the config, nor as what is caught from the app', async () => {
    await new TelemetryClient(value as never).start(value as never);
    await new TelemetryClient().start({ endpoint: '/i', isFeatureEnabled: () => { throw value; } });
  });
});

describe('an app that has replaced', () => {
  const names = ['fetch', 'JSON', 'Date', 'console', 'performance', 'WebAssembly', 'location', 'navigator', 'Error'];

  it.each(names)('%s by something that throws is left alone', async (name) => {
    const telemetry = new TelemetryClient();
    vi.stubGlobal(name, new Proxy(function () {}, { get: explode, apply: explode, construct: explode, has: explode }));
    await runThrough(telemetry);
    await runThrough(new TelemetryClient());
    vi.unstubAllGlobals();
  });

  it.each(['localStorage', 'indexedDB', 'fetch', 'performance'])('%s by a getter that throws is left alone', async (name) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { get: explode, configurable: true });
    await runThrough(new TelemetryClient());
    if (before === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, before);
  });

  it('Promise is left alone', async () => {
    // The test runner needs it, too, as soon as anything is awaited.
    vi.stubGlobal('Promise', explode);
    const telemetry = new TelemetryClient();
    const done = runThrough(telemetry);
    vi.unstubAllGlobals();
    await done;
  });

  it('the methods of objects and lists gets no error', async () => {
    const telemetry = new TelemetryClient();
    const { map } = Array.prototype;
    Array.prototype.map = explode;
    await telemetry.start({ endpoint: '/ingest', ignoreErrors: ['x'] });
    telemetry.error(new Error('x'));
    Array.prototype.map = map;
    expect(telemetry.stats()).toMatchObject({ enabled: false, recorded: 1 });
  });

  /** Every option, so that every part of the client is reached. */
  async function runThrough(telemetry: Client): Promise<void> {
    const options = { featureFlag: 'server', beforeSend: () => explode(), ignoreErrors: [/x/], denyUrls: ['x'] } as const;
    telemetry.log('info', 'early');
    await telemetry.start({ endpoint: '/ingest', ...options });
    await callAll(telemetry, { a: 1 });
    telemetry.setConsent('denied');
    await telemetry.shutdown();
    expect(telemetry.stats().recorded).toBeGreaterThan(0);
  }
});

it.each([
  ['enabled', false],
  ['phase', 'DISABLED'],
  ['rollout', 0],
  ['beforeSend', () => null],
  ['consent', 'denied'],
  ['featureFlag', 'not a flag'],
])('is not switched off by Object.prototype.%s', async (name, value) => {
  const prototype = Object.prototype as Record<string, unknown>;
  const telemetry = new TelemetryClient();
  prototype[name] = value;
  try {
    await telemetry.start({ endpoint: '/ingest' });
    expect(telemetry.log('info', 'x')).toBe(1);
    expect(Object.entries(wasm.made('new')[0]?.[1] as object)).toEqual([['endpoint', '/ingest']]);
    expect(wasm.made('log')).toHaveLength(1);
  } finally {
    delete prototype[name];
  }
  const withFlag = new TelemetryClient();
  prototype[name] = value;
  try {
    await withFlag.start({ endpoint: '/ingest', featureFlag: {} });
    expect(withFlag.isEnabled()).toBe(true);
  } finally {
    delete prototype[name];
  }
});

it('hands on no promise that is rejected', async () => {
  const telemetry = new TelemetryClient();
  await telemetry.start({ endpoint: '/ingest' });
  wasm.isRefusing = true;
  const answers = [telemetry.flush(), telemetry.delivered(1), telemetry.shutdown()];
  expect(await Promise.all(answers)).toEqual(['off', 'off', 'off']);
});

it('works on objects that are frozen', async () => {
  const telemetry = Object.freeze(new TelemetryClient());
  await telemetry.start(Object.freeze({ endpoint: '/ingest', ignoreErrors: Object.freeze([Object.freeze(/x/g)]) }));
  expect(telemetry.log('info', 'x', Object.freeze({ a: Object.freeze([1]) }))).toBe(1);
  expect(telemetry.error(new Error('x'))).toBe(0);
});

it('takes as many as fit of a million keys, and says how many it left out', async () => {
  const many = Object.fromEntries(Array.from({ length: 1e6 }, (_, at) => [`k${at}`, at]));
  const telemetry = new TelemetryClient();
  telemetry.log('info', 'early', many);
  await telemetry.start({ endpoint: '/ingest' });
  const kept = Object.entries(wasm.made('log')[0]?.[3] as object);
  expect([kept.length, kept[32]]).toEqual([33, ['[cut]', 1e6 - 32]]);
}, 60_000);

it('hears a getter that logs', async () => {
  const telemetry = new TelemetryClient();
  await telemetry.start({ endpoint: '/ingest' });
  telemetry.setContext({ a: 1 });
  telemetry.log('info', 'outer', {
    get bad() {
      return telemetry.log('info', 'inner');
    },
  });
  expect(wasm.made('log').map(([, , message]) => message)).toEqual(['inner', 'outer']);
});
