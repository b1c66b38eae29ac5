import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Config } from './types.js';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('./testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { TelemetryClient } = await import('./TelemetryClient.js');
const config: Config = { endpoint: '/ingest', app: 'quiz' };
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const sent = () => fetched.mock.calls.flatMap(([, { body }]) => (JSON.parse(body as string) as { events: Record<string, unknown>[] }).events);

let page: EventTarget;

beforeEach(() => {
  wasm.reset();
  fetched.mockReset();
  fetched.mockImplementation(async () => Response.json({ acknowledged: [[1, 1_000]] }));
  page = new EventTarget();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('location', { origin: 'https://app.example', pathname: '/', href: 'https://app.example/' });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('document', { visibilityState: 'hidden' });
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function refuse(): void {
  wasm.onLoad = () => {
    throw new Error("the wasm cannot be compiled; a Content Security Policy has to allow it: script-src 'wasm-unsafe-eval'");
  };
}

/** Holds the wasm back until the test lets it come. */
function hold(): () => void {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  wasm.onLaunch = () => gate;
  return release;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('sends errors where the wasm is refused, says so once and counts what it does not send', async () => {
  refuse();
  const telemetry = new TelemetryClient();
  telemetry.error(new TypeError('early'));
  telemetry.log('info', 'early');
  await telemetry.start(config);
  telemetry.error('late', { topic: 'Math' });
  telemetry.event('late');
  await vi.advanceTimersByTimeAsync(0);
  expect(sent()).toMatchObject([
    { seq: 1, type: 'error', errorType: 'TypeError', message: 'early', handled: true },
    { seq: 2, type: 'error', message: 'late', context: { topic: 'Math' } },
  ]);
  expect(vi.mocked(console.error).mock.calls).toEqual([
    ["[beaconry] only errors are sent: the wasm cannot be compiled; a Content Security Policy has to allow it: script-src 'wasm-unsafe-eval'"],
  ]);
  expect(telemetry.stats()).toMatchObject({
    ...{ enabled: false, recorded: 4, acknowledged: 2, waiting: 0, withoutWasm: 2 },
    discarded: { client_failed: 2 },
  });
});

it('keeps to the rules of the app, and to what the user says, without the wasm', async () => {
  refuse();
  const beforeSend: Config['beforeSend'] = (record) => (record.type === 'error' && record.message === 'secret' ? null : record);
  const telemetry = new TelemetryClient({ ...config, beforeSend, consent: 'pending' });
  await telemetry.flush();
  telemetry.error('secret');
  telemetry.error('waits');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).not.toHaveBeenCalled();
  telemetry.setConsent('granted');
  await vi.advanceTimersByTimeAsync(0);
  expect(sent().map(({ message }) => message)).toEqual(['waits']);
  telemetry.setConsent('denied');
  telemetry.error('denied');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent()).toHaveLength(1);
  expect(telemetry.stats().discarded).toEqual({ before_send: 1, consent_denied: 1 });
});

it('gives what waits to the browser when the page goes, and nothing after the shutdown', async () => {
  refuse();
  const telemetry = new TelemetryClient(config);
  await telemetry.flush();
  telemetry.error('x');
  page.dispatchEvent(new Event('pagehide'));
  expect(fetched.mock.calls.map(([, { keepalive }]) => keepalive)).toEqual([true]);
  telemetry.error('last');
  const removed = vi.spyOn(globalThis, 'removeEventListener');
  await telemetry.shutdown();
  expect(removed.mock.calls.map(([type]) => type)).toEqual(['visibilitychange', 'pagehide']);
  telemetry.error('y');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent().map(({ message }) => message)).toEqual(['x', 'last']);
  expect(telemetry.stats()).toMatchObject({ handedOver: 2, discarded: { disabled: 1 } });
});

it('sends what it has if the page goes while the wasm is on its way, and makes none of it again', async () => {
  const release = hold();
  const telemetry = new TelemetryClient();
  telemetry.log('info', 'early', { topic: 'Math' });
  const started = telemetry.start(config);
  await settled();
  // By then the page has what it needs for that.
  vi.advanceTimersByTime(1_000);
  await settled();
  page.dispatchEvent(new Event('pagehide'));
  page.dispatchEvent(new Event('pagehide'));
  expect(sent()).toMatchObject([{ type: 'log', level: 'info', message: 'early', context: { topic: 'Math' } }]);
  release();
  await started;
  telemetry.log('info', 'later');
  expect(wasm.made('log').map(([, , message]) => message)).toEqual(['later']);
  expect(telemetry.stats()).toMatchObject({ recorded: 2, handedOver: 1, withoutWasm: 1, waiting: 1 });
});

it('keeps what it has if the page goes before the user has allowed it', async () => {
  const release = hold();
  const telemetry = new TelemetryClient({ ...config, consent: 'pending' });
  telemetry.log('info', 'early');
  await settled();
  vi.advanceTimersByTime(1_000);
  await settled();
  page.dispatchEvent(new Event('pagehide'));
  expect(fetched).not.toHaveBeenCalled();
  release();
  await telemetry.flush();
  expect(wasm.made('log')).toHaveLength(1);
});

it.each<[string, string, (telemetry: InstanceType<typeof TelemetryClient>) => unknown]>([
  ['denied', 'consent_denied', (telemetry) => telemetry.setConsent('denied')],
  ['shut down', 'disabled', (telemetry) => telemetry.shutdown()],
])('forgets what could not be sent yet, once it is %s', async (_, reason, end) => {
  refuse();
  fetched.mockImplementation(async () => Promise.reject(new TypeError('offline')));
  const telemetry = new TelemetryClient(config);
  await telemetry.flush();
  telemetry.error('x');
  await vi.advanceTimersByTimeAsync(0);
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockImplementation(() => { throw new TypeError('no network'); });
  await end(telemetry);
  const calls = fetched.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  page.dispatchEvent(new Event('pagehide'));
  expect(fetched).toHaveBeenCalledTimes(calls);
  expect(telemetry.stats()).toMatchObject({ recorded: 1, waiting: 0, discarded: { [reason]: 1 } });
});

it('sends nothing without the wasm while the flag of the app is off', async () => {
  refuse();
  let isOn = true;
  const telemetry = new TelemetryClient({ ...config, isFeatureEnabled: () => isOn });
  await telemetry.flush();
  telemetry.error('x');
  isOn = false;
  await vi.advanceTimersByTimeAsync(60_000);
  page.dispatchEvent(new Event('pagehide'));
  expect(fetched).not.toHaveBeenCalled();
  isOn = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent()).toHaveLength(1);
});

it('gives the wasm what did not fit into the last request, if the page comes back', async () => {
  const release = hold();
  const shown = vi.fn((record: object) => record);
  const telemetry = new TelemetryClient();
  const long = 'x'.repeat(7_900);
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_000);
  for (let at = 0; at < 12; at += 1) telemetry.log('info', `${at} ${long}`);
  const started = telemetry.start({ ...config, beforeSend: shown as unknown as NonNullable<Config['beforeSend']> });
  await settled();
  vi.advanceTimersByTime(1_000);
  await settled();
  now.mockReturnValue(9_000);
  page.dispatchEvent(new Event('pagehide'));
  const first = sent().length;
  expect(first).toBeLessThan(12);
  release();
  await started;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wasm.made('log').map((call) => call.at(-1))).toEqual(Array.from({ length: 12 - first }, () => 1_000));
  expect([sent().length, shown.mock.calls.length]).toEqual([first, 12]);
  expect(telemetry.stats()).toMatchObject({ recorded: 12, handedOver: first, waiting: 12 - first });
});

it.each<[string, unknown]>([
  ['no prototype', Object.create(null)],
  ['a getter that throws', { get message(): never { throw new Error('from the app'); } }],
  ['a message that is no text', { message: 1n }],
])('sends what was thrown, and what comes with it, whatever it is: %s', async (_, thrown) => {
  refuse();
  const telemetry = new TelemetryClient(config);
  await telemetry.flush();
  telemetry.error(thrown, { big: 5n });
  telemetry.error('next');
  await vi.advanceTimersByTimeAsync(0);
  expect(sent().map(({ message }) => message)).toEqual(['an object without a message was thrown', 'next']);
});
