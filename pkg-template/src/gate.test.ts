import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bucketOf } from './bucketOf.js';
import type { Config } from './types.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('./testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('./TelemetryClient.js');
const config: Config = { endpoint: 'https://t.example/x/api/telemetry/batch?k=1', app: 'quiz' };
const HOUR = 3_600_000;

/** What the page gives, and what was done with it. */
function stubPage(stored: Record<string, string> = {}) {
  const items = new Map(Object.entries(stored));
  const page = {
    items,
    setItem: vi.fn((key: string, value: string) => void items.set(key, value)),
    fetch: vi.fn<(url: string, init: RequestInit) => Promise<Response>>(async () => Response.error()),
    deleteDatabase: vi.fn(),
    addEventListener: vi.fn(),
    setTimeout: vi.fn(setTimeout),
    setInterval: vi.fn(),
    instantiate: vi.spyOn(WebAssembly, 'instantiate'),
    compile: vi.spyOn(WebAssembly, 'compile'),
    /** Everything that a client which is off does not do. */
    done: () =>
      [page.setItem, page.fetch, page.addEventListener, page.setTimeout, page.setInterval, page.instantiate, page.compile]
        .map((spy) => spy.mock.calls.length)
        .concat(wasm.loads),
  };
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: page.setItem,
    removeItem: (key: string) => void items.delete(key),
    key: (at: number) => [...items.keys()][at] ?? null,
    get length() {
      return items.size;
    },
  });
  vi.stubGlobal('fetch', page.fetch);
  vi.stubGlobal('indexedDB', { deleteDatabase: page.deleteDatabase });
  vi.stubGlobal('addEventListener', page.addEventListener);
  vi.stubGlobal('setTimeout', page.setTimeout);
  vi.stubGlobal('setInterval', page.setInterval);
  return page;
}

// Node.js compiles a wasm of its own when it makes its first answer, and when it loads a module later.
await Response.json({}).json();
await import('./askServer.js');

const NOTHING = [0, 0, 0, 0, 0, 0, 0, 0];
const answer = (phase: string, rollout: number, sampling = {}) => ({ features: { TELEMETRY: { phase, rollout } }, sampling });
const cached = (at: number, remote: object) => ({ 'beaconry:features:quiz': JSON.stringify({ at, remote }) });

beforeEach(() => {
  wasm.reset();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function started(options: Partial<Config>, user?: string) {
  const telemetry = new TelemetryClient();
  if (user !== undefined) telemetry.setUser({ id: user });
  telemetry.log('info', 'early');
  await telemetry.start({ ...config, ...options });
  return telemetry;
}

/** Uses the client as an app would. */
async function use(telemetry: InstanceType<typeof TelemetryClient>): Promise<void> {
  telemetry.log('info', 'x');
  telemetry.startSpan('y').end();
  telemetry.error(new Error('z'));
  telemetry.setUser({ anonymousId: 'a' });
  telemetry.setContext({ a: 1 });
  await telemetry.flush();
  await telemetry.delivered(1);
  await telemetry.shutdown();
}

describe('off means off', () => {
  const cases: [string, Partial<Config>, Record<string, string>?][] = [
    ['enabled: false', { enabled: false }],
    ['phase DISABLED', { featureFlag: { phase: 'DISABLED' } }],
    ['rollout 0', { featureFlag: { rollout: 0 } }],
    ['a rollout that leaves this user out', { featureFlag: { rollout: 50 }, user: { id: '' } }],
    ['a rollout that leaves this bucket out', { featureFlag: { rollout: 50 } }, { 'beaconry:bucket': '5000' }],
    ['isFeatureEnabled', { isFeatureEnabled: () => false }],
    ['consent denied', { consent: 'denied' }],
    ['a cached OFF', {}, cached(Date.now() - HOUR + 60_000, answer('DISABLED', 100))],
    ['a cached OFF, though the server would be asked', { featureFlag: 'server' }, cached(Date.now(), answer('DISABLED', 100))],
    ['a cached rollout that leaves this user out', { user: { id: '' } }, cached(Date.now(), answer('ENABLED', 50))],
  ];

  it.each(cases)('%s', async (_, options, stored) => {
    const page = stubPage(stored);
    const telemetry = await started(options);
    await use(telemetry);
    expect(page.done()).toEqual(NOTHING);
    const reason = options.consent === 'denied' ? 'consent_denied' : 'disabled';
    expect(telemetry.stats()).toMatchObject({ enabled: false, recorded: 4, discarded: { [reason]: 4 } });
    expect(telemetry.isEnabled()).toBe(false);
  });

  it('Global Privacy Control', async () => {
    const page = stubPage();
    vi.stubGlobal('navigator', { globalPrivacyControl: true });
    await use(await started({}));
    await use(await started({ consent: 'pending' }));
    expect(page.done()).toEqual(NOTHING);
    expect((await started({ consent: 'granted' })).isEnabled()).toBe(true);
    expect(wasm.made('new').at(-1)?.[1]).toMatchObject({ consent: 'granted' });
  });

  it('the server says so: one request, and nothing after its answer', async () => {
    const page = stubPage();
    page.fetch.mockImplementation(async () => Response.json(answer('DISABLED', 100)));
    const telemetry = await started({ featureFlag: 'server' });
    expect(page.done()).toEqual([1, 1, 0, 1, 0, 0, 0, 0]);
    await use(telemetry);
    expect(page.done()).toEqual([1, 1, 0, 1, 0, 0, 0, 0]);
    expect(telemetry.stats()).toMatchObject({ enabled: false, recorded: 4, discarded: { disabled: 4 } });
    await use(await started({ featureFlag: 'server' }));
    expect(page.fetch).toHaveBeenCalledOnce();
  });
});

describe('a rollout', () => {
  it('goes by the id of the user, whoever says it', async () => {
    const page = stubPage();
    const bucket = bucketOf('ann@shop.example');
    const rollout = (bucket + 1) / 100;
    const inside = await started({ featureFlag: { rollout }, user: { id: 'ann@shop.example' } });
    expect(inside.isEnabled()).toBe(true);
    expect(wasm.made('new')[0]?.[1]).toMatchObject({ bucket, featureFlag: { rollout } });
    expect((await started({ featureFlag: { rollout } }, 'ann@shop.example')).isEnabled()).toBe(true);
    expect((await started({ featureFlag: { rollout: bucket / 100 } }, 'ann@shop.example')).isEnabled()).toBe(false);
    expect(page.setItem).not.toHaveBeenCalled();
  });

  it('draws once for people without an id, and keeps it', async () => {
    const page = stubPage();
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.42);
    expect((await started({ featureFlag: { rollout: 42 } })).isEnabled()).toBe(false);
    expect([...page.items]).toEqual([['beaconry:bucket', '4200']]);
    expect((await started({ featureFlag: { rollout: 42.01 } })).isEnabled()).toBe(true);
    expect(page.setItem).toHaveBeenCalledOnce();
  });

  it('draws nothing where it is for everyone', async () => {
    const page = stubPage();
    await started({});
    await started({ featureFlag: { rollout: 100 } });
    expect(page.setItem).not.toHaveBeenCalled();
    expect(wasm.made('new')[0]).toEqual(['new', config]);
  });

  it('draws one for the page where nothing can be stored', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.1).mockReturnValue(0.9);
    const telemetry = await started({ featureFlag: { rollout: 50 } });
    telemetry.log('info', 'x');
    expect(telemetry.isEnabled()).toBe(true);
  });

  it('begins when a user comes who is in', async () => {
    stubPage({ 'beaconry:bucket': '9999' });
    const telemetry = await started({ featureFlag: { rollout: 50 } });
    expect(wasm.loads).toBe(0);
    telemetry.setUser({ id: 'user-2' });
    expect(await telemetry.delivered(telemetry.log('info', 'x'))).toBe('delivered');
    expect(wasm.made('setUser')).toEqual([['setUser', 'user-2', undefined]]);
  });
});

describe('the flag of the server', () => {
  it.each([
    [config.endpoint, undefined, 'https://t.example/x/api/features'],
    ['https://t.example/ingest', undefined, 'https://t.example/api/features'],
    ['/beacon', '/flags', '/flags'],
    ['/b/api/telemetry/batch', undefined, 'https://shop.example/b/api/features'],
  ])('of %s is asked once, by the cache of the browser and without cookies', async (endpoint, featuresUrl, url) => {
    const page = stubPage();
    vi.stubGlobal('location', { href: 'https://shop.example/page' });
    page.fetch.mockImplementation(async () => Response.json(answer('ENABLED', 100)));
    await started({ featureFlag: 'server', endpoint, featuresUrl });
    const options = { cache: 'no-cache', credentials: 'omit', redirect: 'error', signal: expect.any(AbortSignal) as AbortSignal };
    expect(page.fetch.mock.calls).toEqual([[url, options]]);
  });

  it('is written down, and goes to the wasm with its rates; calls wait for it', async () => {
    const page = stubPage();
    const remote = answer('ENABLED', 100, { sampleRate: 0.5 });
    page.fetch.mockImplementation(async () => Response.json({ ...remote, more: 1 }));
    vi.spyOn(Date, 'now').mockReturnValue(5_000);
    await started({ featureFlag: 'server' });
    expect(JSON.parse(page.items.get('beaconry:features:quiz') ?? '')).toEqual({ at: 5_000, remote });
    expect(wasm.made('new')).toEqual([['new', { ...config, remote }]]);
    expect(wasm.made('log')).toHaveLength(1);
  });

  it.each([
    ['fails', async () => Promise.reject(new TypeError('offline'))],
    ['is not ours', async () => new Response('<html>')],
    ['is no flag', async () => Response.json({ features: { TELEMETRY: { phase: 'DISABLED', rollout: 'all' } } })],
    ['has another phase', async () => Response.json(answer('OFF', 0))],
    ['is an error', async () => Response.json(answer('ENABLED', 100), { status: 500 })],
  ])('that %s is what it was last, whenever that was, or on', async (_, fetched) => {
    const page = stubPage(cached(Date.now() - 2 * HOUR, answer('DISABLED', 100)));
    page.fetch.mockImplementation(fetched);
    expect((await started({ featureFlag: 'server' })).isEnabled()).toBe(false);
    page.items.clear();
    expect((await started({ featureFlag: 'server' })).isEnabled()).toBe(true);
    expect(page.fetch).toHaveBeenCalledTimes(2);
  });

  it('that does not come within five seconds is not waited for', async () => {
    const page = stubPage();
    let signal: AbortSignal | null | undefined;
    page.fetch.mockImplementation((_, init) => ((signal = init.signal), new Promise(() => undefined)));
    page.setTimeout.mockImplementation(((call: () => void, delay: number) => {
      expect(delay).toBe(5_000);
      queueMicrotask(call);
      return 0;
    }) as never);
    expect((await started({ featureFlag: 'server' })).isEnabled()).toBe(true);
    expect(signal?.aborted).toBe(true);
  });

  it('is not asked again after an old OFF has become ON', async () => {
    const page = stubPage(cached(Date.now() - HOUR, answer('DISABLED', 100)));
    page.fetch.mockImplementation(async () => Response.json(answer('ENABLED', 100)));
    expect((await started({ featureFlag: 'server' })).isEnabled()).toBe(true);
  });

  it('that cannot be read from the storage is asked for', async () => {
    for (const text of ['', 'null', '{"at":1}', '{', '{"at":"x","remote":7}']) {
      const page = stubPage({ 'beaconry:features:quiz': text });
      expect((await started({})).isEnabled()).toBe(true);
      expect(page.fetch).not.toHaveBeenCalled();
    }
  });
});

describe('consent', () => {
  it('that is denied removes what was stored, and counts the calls', async () => {
    const page = stubPage({ 'beaconry:1:quiz:a:1': 'spool', 'beaconry:bucket': '1', other: 'of the app' });
    const telemetry = await started({ consent: 'denied' });
    expect([...page.items]).toEqual([['other', 'of the app']]);
    expect(page.deleteDatabase).toHaveBeenCalledWith('beaconry');
    expect(telemetry.stats()).toMatchObject({ recorded: 1, discarded: { consent_denied: 1 } });
  });

  it('that is granted later begins', async () => {
    stubPage();
    const telemetry = await started({ consent: 'denied' });
    telemetry.setConsent('granted');
    telemetry.log('info', 'x');
    await telemetry.flush();
    expect(wasm.made('new')).toEqual([['new', { ...config, consent: 'granted' }]]);
    expect(wasm.made('log')).toHaveLength(1);
  });

  it('that is pending loads the wasm, and stores and asks for nothing that stays', async () => {
    const page = stubPage();
    page.fetch.mockImplementation(async () => Response.json(answer('ENABLED', 99.99)));
    vi.spyOn(Math, 'random').mockReturnValue(0.1);
    const user = { id: undefined, anonymousId: 'anonymous' };
    const telemetry = await started({ consent: 'pending', featureFlag: 'server', user });
    expect(wasm.made('new')[0]?.[1]).toMatchObject({ consent: 'pending', bucket: 1_000 });
    expect(wasm.made('setUser')).toEqual([['setUser', undefined, undefined]]);
    expect(page.setItem).not.toHaveBeenCalled();
    expect(page.fetch.mock.calls[0]?.[1]).toMatchObject({ cache: 'no-store' });
    telemetry.setConsent('granted');
    expect(wasm.made('setConsent')).toEqual([['setConsent', 'granted']]);
    expect(wasm.made('setUser').at(-1)).toEqual(['setUser', undefined, 'anonymous']);
    expect([...page.items]).toEqual([['beaconry:bucket', '1000']]);
  });

  it('that is denied at run time is left to the wasm, which counts what it removes', async () => {
    const page = stubPage({ 'beaconry:bucket': '1' });
    const telemetry = await started({});
    telemetry.setConsent('denied');
    expect(wasm.made('setConsent')).toEqual([['setConsent', 'denied']]);
    expect([...page.items]).toEqual([['beaconry:bucket', '1']]);
    expect(page.deleteDatabase).not.toHaveBeenCalledWith('beaconry');
    expect(page.deleteDatabase).toHaveBeenCalledWith('beaconry-uploads');
  });

  it('that is denied while the wasm loads is heard', async () => {
    stubPage();
    const telemetry = new TelemetryClient();
    wasm.onLoad = () => telemetry.setConsent('denied');
    telemetry.log('info', 'x');
    await telemetry.start(config);
    expect(wasm.made('new')).toEqual([]);
    expect(telemetry.stats()).toMatchObject({ recorded: 1, discarded: { consent_denied: 1 } });
  });

  it('that is denied where the wasm cannot be told removes what was stored', async () => {
    const page = stubPage({ 'beaconry:1:quiz:a:1': 'spool' });
    const telemetry = await started({});
    wasm.isGlueThrowing = true;
    telemetry.setConsent('denied');
    expect([...page.items]).toEqual([]);
    expect(page.deleteDatabase).not.toHaveBeenCalledWith('beaconry');
    expect(page.deleteDatabase).toHaveBeenCalledWith('beaconry-uploads');
  });

  it('that is denied after the shutdown removes what was stored', async () => {
    const page = stubPage({ 'beaconry:1:quiz:a:1': 'spool' });
    const telemetry = await started({});
    await telemetry.shutdown();
    telemetry.setConsent('denied');
    expect([...page.items]).toEqual([]);
  });

  it.each(['before the start', 'while the wasm loads'])('that is denied %s costs the calls so far, though it is granted again', async (when) => {
    const page = stubPage({ 'beaconry:1:quiz:a:1': 'spool' });
    const telemetry = new TelemetryClient();
    const change = () => {
      telemetry.log('info', 'before');
      telemetry.setConsent('denied');
      expect(telemetry.log('info', 'denied')).toBe(0);
      expect(telemetry.stats()).toMatchObject({ recorded: 2, waiting: 0, discarded: { consent_denied: 2 } });
      expect([...page.items]).toEqual([]);
      telemetry.setConsent('granted');
    };
    if (when === 'before the start') change();
    else wasm.onLoad = change;
    await telemetry.start(config);
    telemetry.log('info', 'after');
    expect(wasm.made('log').map(([, , message]) => message)).toEqual(['after']);
  });

  it('said before the start goes before the config', async () => {
    stubPage();
    const telemetry = new TelemetryClient();
    telemetry.setConsent('denied');
    await telemetry.start({ ...config, consent: 'granted' });
    expect(wasm.loads).toBe(0);
  });

  it('of another name is refused in a config, and explained in a call', async () => {
    stubPage();
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await started({ consent: 'yes' as never });
    const takes = "config.consent takes 'granted', 'denied' or 'pending', got 'yes'";
    expect([error.mock.calls, wasm.loads]).toEqual([[[`[beaconry] telemetry is off: ${takes}`]], 0]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const telemetry = await started({ debug: true });
    telemetry.setConsent('no' as never);
    expect(warn.mock.calls).toEqual([["[beaconry] setConsent() takes 'granted', 'denied' or 'pending'"]]);
  });
});
