import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from './types.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('./testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('./TelemetryClient.js');
const config: Config = { endpoint: '/ingest', app: 'quiz' };

beforeEach(() => {
  wasm.reset();
  vi.restoreAllMocks();
});

async function started() {
  const telemetry = new TelemetryClient();
  await telemetry.start(config);
  return telemetry;
}

/** The account has to add up, whatever broke. */
function check(telemetry: InstanceType<typeof TelemetryClient>, expected: object): void {
  const stats = telemetry.stats();
  expect(stats).toMatchObject(expected);
  const discarded = Object.values(stats.discarded).reduce((sum, count) => sum + count, 0);
  const ends = stats.acknowledged + discarded + stats.waiting + stats.inFlight + stats.abandoned;
  expect(stats.recorded + stats.adopted).toBe(ends);
}

describe('a trap', () => {
  const exports = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'setUser', 'setConsent', 'navigated', 'flush'];

  it.each([...exports, 'delivered', 'shutdown', 'isEnabled', 'getSessionId', 'getBuffer', 'discarded', 'stats'])(
    'in %s reaches nobody, and is counted',
    async (name) => {
      const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const telemetry = await started();
      telemetry.log('info', 'before');
      wasm.traps.add(name);
      vi.stubGlobal('location', { href: 'https://app.example/next' });
      telemetry.log('info', 'x');
      telemetry.metric('x', 1);
      telemetry.trace('x', 1);
      telemetry.vital({ name: 'LCP', value: 1 });
      telemetry.error(new Error('x'));
      telemetry.event('x');
      telemetry.setUser({ id: 'ann' });
      telemetry.setConsent('pending');
      telemetry.isEnabled();
      telemetry.getSessionId();
      telemetry.getBuffer();
      wasm.onLog['bad'] = () => {
        throw new TypeError('counted by discarded()');
      };
      telemetry.log('info', 'bad');
      telemetry.stats();
      await telemetry.delivered(1);
      await telemetry.flush();
      await telemetry.shutdown();
      vi.unstubAllGlobals();
      wasm.traps.clear();
      expect(telemetry.stats().traps).toBeGreaterThan(0);
      expect(error.mock.calls.length).toBeLessThanOrEqual(1);
      check(telemetry, { recorded: 8 });
    },
  );

  it('in a call costs that call; the next instance goes on, with the same module', async () => {
    const telemetry = await started();
    telemetry.log('info', 'before');
    wasm.traps.add('bad');
    expect(telemetry.log('info', 'bad')).toBe(0);
    check(telemetry, { enabled: false, traps: 1, recorded: 2, abandoned: 1, discarded: { client_failed: 1 } });
    const receipt = telemetry.log('info', 'after');
    expect(receipt).toBeLessThan(0);
    expect(await telemetry.delivered(receipt)).toBe('delivered');
    check(telemetry, { stream: 'stream 2', enabled: true, traps: 1, restarts: 1, recorded: 3, waiting: 1, abandoned: 1 });
    expect([wasm.loads, wasm.launches]).toEqual([1, 2]);
  });

  it('at a timer or listener reaches nobody, and the next instance is there before the next call', async () => {
    const telemetry = await started();
    expect(() => wasm.trapAtEventLoop()).not.toThrow();
    await telemetry.flush();
    expect(telemetry.log('info', 'after')).toBe(1);
    check(telemetry, { traps: 1, restarts: 1, recorded: 1, abandoned: 0, discarded: {} });
  });

  it('leaves the next instance with the user, the context, the consent and the flag', async () => {
    const telemetry = await started();
    telemetry.setUser({ id: 'ann', anonymousId: 'a-1' });
    telemetry.setContext({ tenant: 'x' });
    telemetry.setConsent('pending');
    wasm.calls = [];
    wasm.trapAtEventLoop();
    telemetry.log('info', 'ann is known');
    telemetry.setUser({ id: 'bob' });
    telemetry.log('info', 'bob is known');
    await telemetry.flush();
    expect(wasm.calls).toEqual([
      ['new', { ...config, consent: 'pending' }],
      ['setUser', 'ann', undefined],
      ['log', 'info', 'ann is known', { tenant: 'x' }, expect.any(Number)],
      ['setUser', 'bob', undefined],
      ['log', 'info', 'bob is known', { tenant: 'x' }, expect.any(Number)],
      ['flush'],
    ]);
  });

  it('answers what the instance was asked and cannot answer any more', async () => {
    wasm.isSilent = true;
    const telemetry = await started();
    const open = [telemetry.flush(), telemetry.delivered(telemetry.log('info', 'x'))];
    wasm.trapAtEventLoop();
    expect(await Promise.all(open)).toEqual(['off', 'off']);
  });

  it('does not let a receipt of the old stream name a record of the new one', async () => {
    const telemetry = await started();
    const old = [telemetry.log('info', 'one'), telemetry.log('info', 'two')];
    wasm.trapAtEventLoop();
    await telemetry.flush();
    wasm.calls = [];
    expect(await telemetry.delivered(2)).toBe('off');
    const receipt = telemetry.log('info', 'three');
    expect([...old, receipt]).toEqual([1, 2, 3]);
    expect(await telemetry.delivered(receipt)).toBe('delivered');
    expect(wasm.made('delivered')).toEqual([['delivered', 1]]);
  });

  it('in the constructor is one as well', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    wasm.traps.add('setUser');
    const telemetry = new TelemetryClient();
    telemetry.log('info', 'x');
    await telemetry.start({ ...config, user: { id: 'ann' } });
    check(telemetry, { enabled: false, traps: 2, restarts: 1, recorded: 1, discarded: { client_failed: 1 } });
  });

  it('while the first instance begins leaves the next one no stream to inherit', async () => {
    wasm.traps.add('new');
    wasm.onBegin = () => void (wasm.launches === 2 && wasm.traps.clear());
    const telemetry = new TelemetryClient();
    telemetry.log('info', 'early');
    await telemetry.start(config);
    expect(wasm.made('new')).toEqual([['new', config]]);
    expect(wasm.made('log')).toHaveLength(1);
    check(telemetry, { enabled: true, traps: 1, restarts: 1, recorded: 1, waiting: 1 });
  });

  it('is what the console says, not what went wrong after it', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const telemetry = await started();
    wasm.failure = 'a follow-up';
    wasm.trapAtEventLoop();
    await telemetry.flush();
    expect(error.mock.calls).toEqual([['[beaconry] telemetry is off: unreachable']]);
  });

  it('for the second time ends the client, with one line and every call counted', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const telemetry = await started();
    telemetry.log('info', 'one');
    wasm.trapAtEventLoop();
    expect(error).not.toHaveBeenCalled();
    await telemetry.flush();
    telemetry.log('info', 'two');
    wasm.trapAtEventLoop();
    expect(telemetry.log('info', 'three')).toBe(0);
    expect(await telemetry.flush()).toBe('off');
    check(telemetry, { enabled: false, traps: 2, restarts: 1, recorded: 3, abandoned: 2, discarded: { client_failed: 1 } });
    expect(error.mock.calls).toEqual([['[beaconry] telemetry is off: unreachable']]);
    expect(wasm.launches).toBe(2);
  });

  it('after the shutdown begins nothing again and says nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const telemetry = await started();
    await telemetry.shutdown();
    wasm.trapAtEventLoop();
    expect(await telemetry.flush()).toBe('off');
    expect(wasm.launches).toBe(1);
    expect(error).not.toHaveBeenCalled();
  });

  it('counts what was seen of the account once, and what was made since', async () => {
    const telemetry = await started();
    for (let call = 0; call < 300; call += 1) telemetry.log('info', 'x');
    telemetry.stats();
    telemetry.log('info', 'since');
    wasm.onLog['bad'] = () => {
      throw new TypeError('from the glue');
    };
    telemetry.log('info', 'bad');
    wasm.trapAtEventLoop();
    await telemetry.flush();
    telemetry.log('info', 'next');
    check(telemetry, { recorded: 303, abandoned: 301, waiting: 1, discarded: { client_failed: 1 } });
  });
});

it('keeps calls that are made while the wasm loads, though it shuts down then', async () => {
  const telemetry = new TelemetryClient(config);
  telemetry.log('info', 'early');
  expect(await telemetry.shutdown()).toBe('delivered');
  expect(wasm.calls.slice(-2).map(([name]) => name)).toEqual(['log', 'shutdown']);
});
