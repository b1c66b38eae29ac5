import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TelemetryClient as Client } from './TelemetryClient.js';

const wasm = vi.hoisted(() => ({ isThrowing: false }));

/** A wasm of which every method throws if it is told to, as its glue does for what it does not take. */
vi.mock('./loadWasm.js', () => ({
  loadWasm: async () => () =>
    new Proxy({}, {
      get: (_, name) => () => {
        if (wasm.isThrowing) throw new TypeError('from the glue');
        return name === 'stats' ? {} : 1;
      },
    }),
}));

const { TelemetryClient } = await import('./TelemetryClient.js');

const revoked = Proxy.revocable({}, {});
revoked.revoke();
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
  ['a getter that throws', { get id() { return explode(); }, get handled() { return explode(); }, get isFeatureEnabled() { return explode(); } }],
  ['a proxy that throws', new Proxy({}, { get: explode, ownKeys: explode, has: explode, getPrototypeOf: explode })],
  ['a revoked proxy', revoked.proxy],
];

beforeEach(() => {
  wasm.isThrowing = false;
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

/** Every public method, with the same value for everything. */
async function callAll(telemetry: Client, value: unknown): Promise<void> {
  const given = value as never;
  telemetry.setUser(given);
  telemetry.setContext(given);
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
    expect(telemetry.stats().recorded).toBe(0);
  });

  it('throws nothing when it runs', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start({ endpoint: '/ingest' });
    telemetry.setContext({ release: '1' });
    await callAll(telemetry, value);
    wasm.isThrowing = true;
    await callAll(telemetry, value);
    await telemetry.shutdown();
    expect(telemetry.stats().discarded['client_failed']).toBeGreaterThan(0);
  });

  it('throws nothing as the config, nor as what is caught from the app', async () => {
    await new TelemetryClient(value as never).start(value as never);
    await new TelemetryClient().start({ endpoint: '/i', isFeatureEnabled: () => { throw value; } });
  });
});

it('keeps a record where WebAssembly does not exist', async () => {
  const telemetry = new TelemetryClient();
  await telemetry.start({ endpoint: '/ingest' });
  vi.stubGlobal('WebAssembly', undefined);
  wasm.isThrowing = true;
  expect(telemetry.log('info', 'x')).toBe(0);
  vi.unstubAllGlobals();
});
