import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from './types.js';

const wasm = vi.hoisted(() => ({ calls: [] as unknown[][], loads: 0, isTrapped: false, isEnabled: true, failure: '' }));

vi.mock('./loadWasm.js', () => ({
  async loadWasm() {
    wasm.loads += 1;
    return (options: object) => {
      if (wasm.failure !== '') throw new RangeError(wasm.failure);
      return fakeWasm(options);
    };
  },
}));

/** Notes every call. What the real wasm does with it is tested in a real browser. */
function fakeWasm(options: object): object {
  const note =
    (name: string, result?: unknown) =>
    (...args: unknown[]) => {
      if (name === 'setEnabled') wasm.isEnabled = args[0] as boolean;
      if (wasm.isTrapped) throw new WebAssembly.RuntimeError('unreachable');
      wasm.calls.push([name, ...args]);
      return name === 'log' && !wasm.isEnabled ? 0 : result;
    };
  wasm.calls.push(['new', options]);
  return {
    log: note('log', 1),
    metric: note('metric', 1),
    trace: note('trace', 1),
    vital: note('vital', 1),
    error: note('error', 1),
    event: note('event', 1),
    setUser: note('setUser'),
    setEnabled: note('setEnabled'),
    navigated: note('navigated'),
    flush: note('flush', Promise.resolve('delivered')),
    delivered: note('delivered', Promise.resolve('delivered')),
    shutdown: note('shutdown', Promise.resolve('delivered')),
    isEnabled: note('isEnabled', true),
    getSessionId: note('getSessionId', 'session'),
    getBuffer: note('getBuffer', { logs: [] }),
    stats: note('stats', { enabled: true }),
  };
}

const { TelemetryClient } = await import('./TelemetryClient.js');
const config: Config = { endpoint: '/ingest', app: 'quiz' };
const made = (name: string) => wasm.calls.filter(([call]) => call === name);

beforeEach(() => {
  Object.assign(wasm, { calls: [], loads: 0, isTrapped: false, isEnabled: true, failure: '' });
  vi.restoreAllMocks();
});

describe('before the wasm is there', () => {
  it('keeps calls and makes them in order, with their own times', async () => {
    const now = vi.spyOn(Date, 'now').mockReturnValue(1000);
    const telemetry = new TelemetryClient();
    telemetry.log('info', 'first');
    now.mockReturnValue(2000);
    telemetry.metric('second', 2);
    now.mockReturnValue(9000);
    await telemetry.start(config);
    expect(wasm.calls.slice(1)).toEqual([
      ['log', 'info', 'first', undefined, 1000],
      ['metric', 'second', 2, undefined, 2000],
    ]);
  });

  it('reads a context at the call: changing it afterwards changes nothing', async () => {
    const telemetry = new TelemetryClient();
    const context = { deep: { topic: 'Math' } };
    telemetry.log('info', 'x', context);
    context.deep.topic = 'changed';
    await telemetry.start(config);
    expect(made('log')[0]?.[3]).toEqual({ deep: { topic: 'Math' } });
  });

  it('keeps what cannot be cloned, too', async () => {
    const telemetry = new TelemetryClient();
    telemetry.log('info', 'x', { callback: () => 1 });
    await telemetry.start(config);
    expect(made('log')).toHaveLength(1);
  });

  it('counts the calls that it could not keep', () => {
    const telemetry = new TelemetryClient();
    for (let call = 0; call < 1_010; call += 1) telemetry.log('info', 'x');
    expect(telemetry.stats()).toMatchObject({ recorded: 1_010, waiting: 1_000, discarded: { queue_overflow: 10 } });
  });
});

describe('off', () => {
  it.each([
    { ...config, enabled: false },
    { ...config, featureFlag: { phase: 'DISABLED' as const } },
    { ...config, isFeatureEnabled: () => false },
    {
      ...config,
      isFeatureEnabled: () => {
        throw new Error('from the app');
      },
    },
  ])('does not load the wasm, records nothing and answers everything', async (off) => {
    const telemetry = new TelemetryClient(off);
    expect(telemetry.log('info', 'x')).toBe(0);
    expect(await telemetry.flush()).toBe('off');
    expect(telemetry.isEnabled()).toBe(false);
    expect(telemetry.getBuffer()).toEqual({ logs: [], traces: [], metrics: [], vitals: [], errors: [], events: [] });
    expect(telemetry.stats()).toMatchObject({ recorded: 1, discarded: { disabled: 1 } });
    expect(wasm.loads).toBe(0);
  });

  it('follows a flag that changes while the page is open', async () => {
    const isFeatureEnabled = vi.fn().mockReturnValue(true);
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, isFeatureEnabled });
    isFeatureEnabled.mockReturnValue(false);
    expect(telemetry.log('info', 'off')).toBe(0);
    isFeatureEnabled.mockReturnValue(true);
    expect(telemetry.log('info', 'on')).toBe(1);
    expect(isFeatureEnabled).toHaveBeenCalledWith('TELEMETRY');
    expect(made('setEnabled')).toEqual([['setEnabled', false], ['setEnabled', true]]);
  });
});

describe('what goes wrong', () => {
  it('is one clear error for a wrong config, and a client that is off', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    wasm.failure = 'config.batchSize takes a whole number from 1 to 1000, got 0';
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, batchSize: 0 });
    expect(error.mock.calls).toEqual([[`[beaconry] telemetry is off: ${wasm.failure}`]]);
    expect(telemetry.log('info', 'x')).toBe(0);
    expect(telemetry.isEnabled()).toBe(false);
    expect(telemetry.stats()).toMatchObject({ recorded: 1, discarded: { client_failed: 1 } });
  });

  it('stays inside: a trap ends the client, not the app', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    wasm.isTrapped = true;
    expect(telemetry.log('info', 'x')).toBe(0);
    wasm.isTrapped = false;
    telemetry.log('info', 'after the trap');
    expect(made('log')).toHaveLength(0);
    expect(await telemetry.flush()).toBe('off');
  });

  it('stays inside: a context whose getter throws while it is merged', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    telemetry.setContext({ release: '1' });
    const hostile = {
      get bad() {
        throw new Error('from the app');
      },
    };
    expect(telemetry.log('info', 'x', hostile)).toBe(1);
  });
});

describe('calls', () => {
  it('give each record what setContext said, and the call has the last word', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    telemetry.setContext({ tenant: 'a', topic: 'none' });
    telemetry.event('quiz_started', { topic: 'Math' });
    expect(made('event')).toEqual([['event', 'quiz_started', { tenant: 'a', topic: 'Math' }, undefined]]);
  });

  it('tell the wasm when the page has another URL', async () => {
    vi.stubGlobal('location', { href: 'https://app.example/one' });
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    telemetry.log('info', 'x');
    vi.stubGlobal('location', { href: 'https://app.example/two' });
    telemetry.log('info', 'y');
    telemetry.log('info', 'z');
    vi.unstubAllGlobals();
    expect(made('navigated')).toEqual([['navigated', 'https://app.example/two']]);
  });

  it('record a span once, when it ends', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    const span = telemetry.startSpan('api.call', { model: 'small' });
    expect(span.end({ status: 200 })).toBe(1);
    expect(span.end()).toBe(0);
    const [, name, duration, ids, attributes] = made('trace')[0] ?? [];
    expect([name, ids, attributes]).toEqual(['api.call', {}, { model: 'small', status: 200 }]);
    expect(duration).toBeGreaterThanOrEqual(0);
  });

  it('start once, however often start is called', async () => {
    const telemetry = new TelemetryClient();
    await Promise.all([telemetry.start(config), telemetry.start(config)]);
    await telemetry.start({ ...config, app: 'other' });
    expect(made('new')).toEqual([['new', config]]);
  });
});
