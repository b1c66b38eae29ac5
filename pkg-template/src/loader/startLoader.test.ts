import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../types.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('../testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('../loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('../TelemetryClient.js');
const { startLoader } = await import('./startLoader.js');
const config: Config = { endpoint: '/ingest', app: 'quiz' };
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const sent = () => fetched.mock.calls.flatMap(([, { body }]) => (JSON.parse(body as string) as { events: Record<string, unknown>[] }).events);

let page: EventTarget;
let now: { mockReturnValue(at: number): unknown };

beforeEach(() => {
  wasm.reset();
  fetched.mockReset();
  fetched.mockImplementation(async () => Response.json({}));
  page = new EventTarget();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('location', { origin: 'https://app.example', pathname: '/' });
  vi.stubGlobal('localStorage', {});
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('beaconry', undefined);
  now = vi.spyOn(Date, 'now').mockReturnValue(1_000);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function fire(type: string, what: object = {}): void {
  page.dispatchEvent(Object.assign(new Event(type), what));
}

describe('a client that comes', () => {
  it('gets errors, rejections and calls in order, with their own times, between its own', async () => {
    const loader = startLoader();
    const telemetry = new TelemetryClient();
    const [error, reason] = [new Error('first'), new Error('third')];
    fire('error', { error });
    now.mockReturnValue(2_000);
    telemetry.log('info', 'second');
    now.mockReturnValue(3_000);
    fire('unhandledrejection', { reason });
    loader.log('warn', 'fourth', { topic: 'Math' });
    loader.setUser({ id: 'ann' });
    loader.event('fifth');
    now.mockReturnValue(9_000);
    await telemetry.start(config);
    expect(wasm.calls.slice(1).filter(([name]) => name !== 'setConsent')).toEqual([
      ['error', error, false, undefined, 1_000],
      ['log', 'info', 'second', undefined, 2_000],
      ['error', reason, false, undefined, 3_000],
      ['log', 'warn', 'fourth', { topic: 'Math' }, 3_000],
      ['setUser', 'ann', undefined],
      ['event', 'fifth', undefined, 3_000],
    ]);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('gets what comes later, until somebody else listens', async () => {
    const loader = startLoader();
    const telemetry = new TelemetryClient(config);
    await telemetry.flush();
    fire('error', { error: new Error('later') });
    loader.stop();
    fire('error', { error: new Error('not ours') });
    loader.log('info', 'still passed on');
    expect(wasm.made('error').map(([, error]) => (error as Error).message)).toEqual(['later']);
    expect(wasm.made('log')).toHaveLength(1);
  });

  it('gets a context as it was at the call', async () => {
    const context = { topic: 'Math' };
    startLoader().log('info', 'x', context);
    context.topic = 'changed';
    await new TelemetryClient().start(config);
    expect(wasm.made('log')[0]?.[3]).toEqual({ topic: 'Math' });
  });

  it('is the only one that gets them', async () => {
    startLoader().log('info', 'once');
    await new TelemetryClient().start(config);
    await new TelemetryClient().start(config);
    expect(wasm.made('log')).toHaveLength(1);
  });

  it('that is off ends the listening, loads nothing and counts the calls', async () => {
    const loader = startLoader();
    loader.log('info', 'x');
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, enabled: false });
    fire('error', { error: new Error('later') });
    expect([wasm.loads, telemetry.stats().discarded]).toEqual([0, { disabled: 1 }]);
  });

  it('hears what there was no room for', async () => {
    const loader = startLoader();
    for (let call = 0; call < 503; call += 1) loader.log('info', 'x');
    const telemetry = new TelemetryClient(config);
    await telemetry.flush();
    expect(telemetry.stats()).toMatchObject({ recorded: 503, discarded: { queue_overflow: 3 } });
  });
});

describe('what the user has allowed', () => {
  it('is heard where there is no more room for records', async () => {
    const loader = startLoader();
    for (let call = 0; call < 500; call += 1) loader.log('info', 'x');
    for (const id of ['ann', 'bob']) loader.setUser({ id });
    loader.setConsent('denied');
    const telemetry = new TelemetryClient(config);
    await telemetry.flush();
    telemetry.log('info', 'y');
    expect(wasm.calls).toEqual([]);
    expect(telemetry.stats()).toMatchObject({ recorded: 501, waiting: 0, discarded: { queue_overflow: 500, consent_denied: 1 } });
  });

  it('is who was said last to be the user, where there is no more room', () => {
    const loader = startLoader();
    for (let call = 0; call < 500; call += 1) loader.log('info', 'x');
    for (const id of ['ann', 'bob']) loader.setUser({ id });
    loader.setContext({ topic: 'Math' });
    const receiver = {} as Parameters<typeof loader.take>[0];
    expect(loader.take(receiver).calls.slice(500).map(({ name, args }) => [name, args])).toEqual([
      ['setUser', [{ id: 'bob' }]],
      ['setContext', [{ topic: 'Math' }]],
    ]);
  });

  it('is what was said last, to the loader or to the client', async () => {
    const loader = startLoader();
    const telemetry = new TelemetryClient();
    loader.setConsent('granted');
    telemetry.setConsent('denied');
    loader.log('info', 'x');
    await telemetry.start(config);
    expect(telemetry.stats().discarded).toEqual({ queue_overflow: 1 });
    vi.stubGlobal('beaconry', undefined);
    const other = startLoader();
    const next = new TelemetryClient();
    next.setConsent('granted');
    other.setConsent('denied');
    await next.start(config);
    next.log('info', 'y');
    expect(next.stats().discarded).toEqual({ consent_denied: 1 });
    expect(wasm.made('log')).toEqual([]);
  });

  it('reaches the loader from a client that has not started', () => {
    const loader = startLoader();
    loader.init(config);
    loader.error(new Error('x'));
    new TelemetryClient().setConsent('denied');
    fire('pagehide');
    vi.advanceTimersByTime(30_000);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('by a client that has not started is no matter of one that has', async () => {
    startLoader();
    const telemetry = new TelemetryClient();
    await telemetry.start({ ...config, consent: 'denied' });
    new TelemetryClient().setConsent('granted');
    telemetry.log('info', 'x');
    expect(telemetry.stats().discarded).toEqual({ consent_denied: 1 });
  });

  it('removes what was kept before, and what came while it was denied', async () => {
    const loader = startLoader();
    loader.init({ ...config, consent: 'denied' });
    loader.log('info', 'by the config');
    loader.setConsent('granted');
    loader.log('info', 'before');
    loader.setConsent('denied');
    loader.error(new Error('while'));
    loader.setConsent('granted');
    loader.log('info', 'after');
    fire('pagehide');
    expect(sent().map(({ message }) => message)).toEqual(['after']);
    const telemetry = new TelemetryClient();
    await telemetry.start(config);
    expect(telemetry.stats()).toMatchObject({ recorded: 4, handedOver: 1, discarded: { queue_overflow: 3 } });
  });
});

describe('a page that goes first', () => {
  it('sends the records of the client where the client sends', async () => {
    startLoader().init({ endpoint: '/loader', token: 'loader', app: 'loader' });
    wasm.onLaunch = () => new Promise(() => undefined);
    vi.stubGlobal('document', { visibilityState: 'hidden' });
    const telemetry = new TelemetryClient();
    void telemetry.start({ endpoint: '/client', token: 'client', app: 'client', redactKeys: ['pupil'] });
    telemetry.log('info', 'x', { pupil: 'Ann' });
    fire('pagehide');
    const [[url, { body }] = ['', {}]] = fetched.mock.calls;
    expect([url, JSON.parse(body as string)]).toMatchObject(['/client?token=client', { app: 'client', events: [{ context: { pupil: '[redacted]' } }] }]);
  });

  it('sends what it has, once, and the client counts it', async () => {
    const loader = startLoader();
    loader.init(config);
    fire('error', { error: new TypeError('broken') });
    loader.trace('load', 12.5);
    loader.vital({ name: 'LCP', value: 1 });
    loader.metric('score', 7, { topic: 'Math' });
    fire('pagehide');
    fire('pagehide');
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.calls[0]?.[1].keepalive).toBe(true);
    expect(sent()).toMatchObject([
      { seq: 1, type: 'error', errorType: 'TypeError', message: 'broken', handled: false, timestamp: 1_000 },
      { seq: 2, type: 'trace', name: 'load', duration: 12.5, traceId: expect.stringMatching(/^[a-z0-9]{4,}$/), spanId: expect.any(String) },
      { seq: 3, type: 'vital', name: 'LCP', value: 1 },
      { seq: 4, type: 'metric', name: 'score', value: 7, context: { topic: 'Math' } },
    ]);
    const telemetry = new TelemetryClient(config);
    await telemetry.flush();
    expect(wasm.made('error')).toEqual([]);
    expect(telemetry.stats()).toMatchObject({ recorded: 4, withoutWasm: 4, handedOver: 4, waiting: 0 });
  });

  it.each<[string, Partial<Config>]>([
    ['enabled: false', { enabled: false }],
    ['a flag', { featureFlag: 'server' }],
    ['a flag of the app', { isFeatureEnabled: () => true }],
    ['consent that is pending', { consent: 'pending' }],
    ['beforeSend', { beforeSend: (record) => record }],
    ['ignoreErrors', { ignoreErrors: ['x'] }],
    ['a sample rate', { sampleRate: 0.5 }],
  ])('sends nothing by itself where something may keep it back: %s', (_, options) => {
    const loader = startLoader();
    loader.init({ ...config, ...options });
    loader.error(new Error('x'));
    fire('pagehide');
    vi.advanceTimersByTime(60_000);
    expect(fetched).not.toHaveBeenCalled();
  });

  it('sends nothing where consent was denied since, the server has said off, or the browser asks for privacy', () => {
    const loader = startLoader();
    loader.init(config);
    loader.error(new Error('x'));
    loader.setConsent('denied');
    fire('pagehide');
    loader.setConsent('granted');
    loader.error(new Error('y'));
    vi.stubGlobal('localStorage', { 'beaconry:features:quiz': '{}' });
    fire('pagehide');
    expect(fetched).not.toHaveBeenCalled();
    vi.stubGlobal('localStorage', {});
    fire('pagehide');
    expect(sent()).toHaveLength(1);
    vi.stubGlobal('navigator', { globalPrivacyControl: true });
    const other = startLoader();
    other.init(config);
    other.error(new Error('x'));
    fire('pagehide');
    expect(sent()).toHaveLength(1);
  });
});

it('sends errors by itself where no client comes, and says so once', () => {
  const loader = startLoader();
  loader.init(config);
  loader.error(new Error('first'));
  loader.log('info', 'waits');
  vi.advanceTimersByTime(29_999);
  expect(fetched).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  loader.error(new Error('second'));
  loader.error(new Error('third'));
  vi.advanceTimersByTime(60_000);
  expect(sent().map(({ message, seq }) => [message, seq])).toEqual([['first', 1], ['second', 2], ['third', 3]]);
  expect(fetched).toHaveBeenCalledTimes(2);
  expect(console.warn).toHaveBeenCalledTimes(1);
});

it.each<[string, (loader: ReturnType<typeof startLoader>) => unknown]>([
  ['a cycle', (loader) => loader.log('info', 'x', Object.assign({}, { self: globalThis }))],
  ['a bigint', (loader) => loader.event('x', { big: 5n })],
  ['a getter that throws', (loader) => loader.event('x', { get a(): never { throw new Error('from the app'); } })],
  ['nothing', (loader) => loader.error(undefined)],
])('never throws: %s', (_, call) => {
  const loader = startLoader();
  loader.init(config);
  expect(() => {
    call(loader);
    fire('pagehide');
  }).not.toThrow();
});
