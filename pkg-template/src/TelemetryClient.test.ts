import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from './types.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('./testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('./TelemetryClient.js');
const config: Config = { endpoint: '/ingest', app: 'quiz' };
const { made } = wasm;

beforeEach(() => {
  wasm.reset();
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

  it('makes what is recorded meanwhile behind all of them, and knows the user in between', async () => {
    const telemetry = new TelemetryClient();
    wasm.onLog['3'] = () => {
      telemetry.setUser({ id: 'ann' });
      telemetry.log('info', 'later');
    };
    for (let call = 0; call < 250; call += 1) telemetry.log('info', String(call));
    await telemetry.start(config);
    expect(made('log').map(([, , message]) => message)).toEqual([...Array(250).keys()].map(String).concat('later'));
    expect(wasm.calls.slice(-2).map(([name]) => name)).toEqual(['setUser', 'log']);
  });

  it('counts the calls that it could not keep', () => {
    const telemetry = new TelemetryClient();
    for (let call = 0; call < 1_010; call += 1) telemetry.log('info', 'x');
    expect(telemetry.stats()).toMatchObject({ recorded: 1_010, waiting: 1_000, discarded: { queue_overflow: 10 } });
  });

  it('hands over to the wasm what it discarded', async () => {
    const telemetry = new TelemetryClient();
    for (let call = 0; call < 1_010; call += 1) telemetry.log('info', 'x');
    await telemetry.start(config);
    expect(made('discarded')).toEqual([['discarded', 'queue_overflow', 10]]);
    expect(telemetry.stats()).toMatchObject({ recorded: 1_010, discarded: { queue_overflow: 10 } });
  });

  it('keeps who the user was, in order, as no record and beyond the cap', async () => {
    const telemetry = new TelemetryClient();
    telemetry.log('info', 'anonymous');
    for (let user = 0; user < 2_000; user += 1) telemetry.setUser({ id: `user-${user}` });
    expect(telemetry.stats()).toMatchObject({ recorded: 1, waiting: 1 });
    for (let call = 1; call < 1_000; call += 1) telemetry.log('info', 'x');
    telemetry.setUser({ id: 'last' });
    await telemetry.start(config);
    const order = wasm.calls.filter(([name, , message]) => name === 'setUser' || message === 'anonymous');
    expect(order.map(([name, id]) => (name === 'log' ? name : id))).toEqual(['log', 'user-1999', 'last']);
    expect(telemetry.stats().discarded).toEqual({});
  });

  it('knows the user when the flag is turned on later', async () => {
    const isFeatureEnabled = vi.fn().mockReturnValue(false);
    const telemetry = new TelemetryClient();
    telemetry.setUser({ id: 'ann' });
    await telemetry.start({ ...config, isFeatureEnabled });
    isFeatureEnabled.mockReturnValue(true);
    telemetry.log('info', 'x');
    await telemetry.flush();
    expect(made('setUser')).toEqual([['setUser', 'ann', undefined]]);
  });

  it('gives receipts that delivered() understands later', async () => {
    const telemetry = new TelemetryClient();
    const receipts = [telemetry.log('info', 'first'), telemetry.log('info', 'second')];
    expect(receipts).toEqual([-1, -2]);
    const answers = receipts.map((receipt) => telemetry.delivered(receipt));
    await telemetry.start(config);
    expect(await Promise.all(answers)).toEqual(['delivered', 'delivered']);
    expect(made('delivered')).toEqual([['delivered', 1], ['delivered', 2]]);
    expect(await telemetry.delivered(0)).toBe('discarded');
    expect(await telemetry.delivered(-3)).toBe('discarded');
  });

  it('loses only the call that throws', async () => {
    wasm.onLog['bad'] = () => {
      throw new TypeError('from the glue');
    };
    const telemetry = new TelemetryClient();
    for (const message of ['first', 'bad', 'last']) telemetry.log('info', message);
    await telemetry.start(config);
    expect(made('log').map(([, , message]) => message)).toEqual(['first', 'last']);
    expect(telemetry.stats()).toMatchObject({ enabled: true, recorded: 3, discarded: { client_failed: 1 } });
    expect(await telemetry.delivered(-2)).toBe('discarded');
  });

  it('makes those behind one that traps in the next instance', async () => {
    wasm.traps.add('bad');
    const telemetry = new TelemetryClient();
    for (const message of ['first', 'bad', 'last']) telemetry.log('info', message);
    await telemetry.start(config);
    expect(made('log').map(([, , message]) => message)).toEqual(['first', 'last']);
    expect(telemetry.stats()).toMatchObject({ enabled: true, recorded: 3, waiting: 1, abandoned: 1, discarded: { client_failed: 1 } });
  });
});

it('says of a record without a place that it waits as long as consent is pending', async () => {
  const telemetry = new TelemetryClient();
  await telemetry.start({ ...config, consent: 'pending' });
  expect(await telemetry.delivered(0)).toBe('pending');
  telemetry.setConsent('granted');
  expect(await telemetry.delivered(0)).toBe('discarded');
  const off = new TelemetryClient({ ...config, consent: 'pending', enabled: false });
  expect(await off.delivered(off.log('info', 'x'))).toBe('discarded');
});

describe('off', () => {
  it.each([
    { ...config, enabled: false },
    { ...config, featureFlag: { phase: 'DISABLED' as const } },
    { ...config, featureFlag: { rollout: 0 } },
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

describe('a flag', () => {
  it('may log while it is asked', async () => {
    let asked = 0;
    const telemetry = new TelemetryClient();
    const isFeatureEnabled = () => {
      asked += 1;
      telemetry.log('debug', 'a flag was read');
      return true;
    };
    await telemetry.start({ ...config, isFeatureEnabled });
    asked = 0;
    telemetry.log('info', 'x');
    expect(asked).toBe(1);
  });

  it('that is turned off while the wasm loads starts nothing until it is on again', async () => {
    const isFeatureEnabled = vi.fn().mockReturnValue(true);
    wasm.onLoad = () => void isFeatureEnabled.mockReturnValue(false);
    const telemetry = new TelemetryClient();
    const receipt = telemetry.log('info', 'early');
    await telemetry.start({ ...config, isFeatureEnabled });
    expect(made('new')).toHaveLength(0);
    expect(telemetry.stats()).toMatchObject({ enabled: false, discarded: { disabled: 1 } });
    expect(await telemetry.delivered(receipt)).toBe('discarded');
    wasm.onLoad = () => undefined;
    isFeatureEnabled.mockReturnValue(true);
    expect(await telemetry.delivered(telemetry.log('info', 'on'))).toBe('delivered');
    expect(made('log').map(([, , message]) => message)).toEqual(['on']);
  });
});

describe('what goes wrong', () => {
  it('is one clear error for a wrong config, and a client that is off', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, batchSize: 0 });
    const mistake = 'config.batchSize takes a whole number from 1 to 1000, got 0';
    expect(error.mock.calls).toEqual([[`[beaconry] telemetry is off: ${mistake}`]]);
    expect(wasm.loads).toBe(0);
    expect(telemetry.log('info', 'x')).toBe(0);
    expect(telemetry.isEnabled()).toBe(false);
    expect(telemetry.stats()).toMatchObject({ recorded: 1, discarded: { client_failed: 1 } });
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
    expect([name, ids, attributes]).toEqual(['api.call', { name: 'api.call', duration }, { model: 'small', status: 200 }]);
    expect(duration).toBeGreaterThanOrEqual(0);
  });

  it('start once, however often start is called', async () => {
    const telemetry = new TelemetryClient();
    await Promise.all([telemetry.start(config), telemetry.start(config)]);
    await telemetry.start({ ...config, app: 'other' });
    expect(made('new')).toEqual([['new', config]]);
  });
});

describe('for hooks', () => {
  it('gives advice in debug mode only, also what came before the start', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const [debugged, quiet] = [new TelemetryClient(), new TelemetryClient()];
    for (const telemetry of [debugged, quiet]) telemetry.advise('early');
    await debugged.start({ ...config, debug: true });
    await quiet.start(config);
    for (const telemetry of [debugged, quiet]) telemetry.advise('late');
    expect(warn.mock.calls).toEqual([['[beaconry] early'], ['[beaconry] late']]);
  });

  it('counts what they leave out, or why nothing would have been made of it', async () => {
    const telemetry = new TelemetryClient();
    telemetry.leaveOut();
    await telemetry.start(config);
    telemetry.leaveOut();
    expect(telemetry.stats()).toMatchObject({ recorded: 2, discarded: { rate_limited: 2 } });
    const off = new TelemetryClient({ ...config, enabled: false });
    off.leaveOut();
    expect(off.stats()).toMatchObject({ recorded: 1, discarded: { disabled: 1 } });
  });

  it('claims the URLs that it asks for by itself', async () => {
    await new TelemetryClient().start({ endpoint: 'https://own.example/app/api/telemetry/batch' });
    const { isOwnUrl } = await import('./ownUrls.js');
    const paths = ['/app/api/telemetry/batch?token=x', '/app/api/features', '/app/api/other'];
    expect(paths.map((path) => isOwnUrl(new URL(path, 'https://own.example')))).toEqual([true, true, false]);
  });
});

describe('feedback', () => {
  it('is a record like any other: kept before the wasm is there, and read at the call', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(1000);
    const telemetry = new TelemetryClient();
    const report = { message: 'It broke', email: 'ann@example.com' };
    expect(telemetry.feedback(report, { step: 3 })).toBeLessThan(0);
    report.message = 'changed';
    await telemetry.start(config);
    expect(made('feedback')).toEqual([['feedback', { message: 'It broke', email: 'ann@example.com' }, { step: 3 }, 1000]]);
  });

  it('is shown to beforeSend, which can drop it', async () => {
    const seen: unknown[] = [];
    const telemetry = new TelemetryClient({ ...config, beforeSend: (record) => void seen.push(record) });
    await telemetry.start(config);
    expect(telemetry.feedback({ message: 'It broke', email: 'ann@example.com', screenshot: 'ab' })).toBe(0);
    expect(seen).toEqual([{ type: 'feedback', message: 'It broke', email: 'ann@example.com', screenshot: 'ab', context: {} }]);
    expect(telemetry.stats().discarded).toEqual({ before_send: 1 });
  });

  it('that is hostile is no trouble', async () => {
    const telemetry = new TelemetryClient(config);
    await telemetry.start(config);
    const throwing = { get message(): string { throw new Error('no') } };
    for (const report of [undefined, null, 7, throwing]) expect(() => telemetry.feedback(report as never)).not.toThrow();
  });
});

describe('the destination', () => {
  it('is where records go, and nowhere while the client is off', async () => {
    const telemetry = new TelemetryClient();
    expect(telemetry.destination()).toBeUndefined();
    await telemetry.start({ ...config, token: 'key', consent: 'granted' });
    expect(telemetry.destination()).toEqual({ endpoint: '/ingest', token: 'key', consent: 'granted' });
    wasm.isEnabled = false;
    expect(telemetry.destination()).toBeUndefined();
  });

  it('is none where consent is denied', async () => {
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, consent: 'denied' });
    expect(telemetry.destination()).toBeUndefined();
  });
});
