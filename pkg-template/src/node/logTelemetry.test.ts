import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('../testing/fakeWasm.js')).createFakeWasm() }));
vi.mock('./loadFromDisk.js', () => ({ loadFromDisk: wasm.loadWasm }));
vi.mock('../loadWasm.js', () => ({ loadWasm: wasm.loadWasm }));

const { NodeTelemetryClient } = await import('./NodeTelemetryClient.js');
const { logTelemetry } = await import('./singleton.js');

const said = vi.fn();
const endpoint = 'http://127.0.0.1:7460/api/telemetry/batch';

beforeEach(() => {
  wasm.reset();
  said.mockReset();
  vi.spyOn(console, 'error').mockImplementation(said);
});

async function started(config: object = {}) {
  const client = new NodeTelemetryClient();
  await client.start({ endpoint, ...config });
  return client;
}

it('takes what stands beside the name and in properties, and leaves out who sends', async () => {
  const client = await started();
  client.logTelemetry({ event: 'api_call', response_time: 150, source: 'server', properties: { method: 'GET' } });
  expect(wasm.made('event')).toEqual([['event', 'api_call', { response_time: 150, method: 'GET' }, undefined]]);
  await client.shutdown();
});

it('says whose event it is, and goes on with whom it had', async () => {
  const client = await started({ user: { id: 'robot' } });
  client.logTelemetry({ event: 'user_login', userId: 'user-7' });
  expect(wasm.made('setUser').map(([, id]) => id)).toEqual(['robot', 'user-7', 'robot']);
  await client.shutdown();
});

it('never throws, whatever it is given', async () => {
  const client = await started();
  const hostile = { get event() { throw new Error('from the app'); } };
  await expect(logTelemetry(hostile as never)).resolves.toBeTypeOf('number');
  for (const event of [undefined, null, 5, {}, { event: 5 }]) {
    await expect(logTelemetry(event as never)).resolves.toBeTypeOf('number');
    expect(client.logTelemetry(event as never)).toBeTypeOf('number');
  }
  expect(client.logTelemetry(hostile as never)).toBeTypeOf('number');
  expect(wasm.made('event').at(-1)?.[1]).toBe(undefined);
  await client.shutdown();
});

it.each([
  [{ endpoint: '/api/telemetry/batch' }, "config.endpoint takes an absolute URL in Node, got '/api/telemetry/batch'"],
  [{ spoolDir: 7 }, "config.spoolDir takes the path of a folder, got '7'"],
  [{ exitTimeoutMs: 'soon' }, "config.exitTimeoutMs takes milliseconds from 0, got 'soon'"],
])('is off with %j, and says what it takes', async (config, message) => {
  const client = await started(config);
  expect([client.isEnabled(), wasm.launches]).toEqual([false, 0]);
  expect(said).toHaveBeenCalledWith(expect.stringContaining(message));
  await client.shutdown();
});

it('goes on when its folder is gone', async () => {
  const spoolDir = mkdtempSync(join(tmpdir(), 'beaconry-gone-'));
  const client = await started({ spoolDir });
  rmSync(spoolDir, { recursive: true });
  expect(() => client.setConsent('denied')).not.toThrow();
  await client.shutdown();
});

it('is off if an option cannot even be shown', async () => {
  const client = await started({ endpoint: Object.create(null) });
  expect([client.isEnabled(), said.mock.calls.length]).toEqual([false, 1]);
  await client.shutdown();
});

it.each(['endpoint', 'spoolDir', 'exitTimeoutMs', 'user', 'consent'])('is off if %s of its config throws, and says so', async (option) => {
  const hostile = Object.defineProperty({ endpoint }, option, { enumerable: true, get() { throw new Error('from the app'); } });
  const client = new NodeTelemetryClient();
  await expect(client.start(hostile)).resolves.toBe(undefined);
  expect([client.isEnabled(), wasm.launches]).toEqual([false, 0]);
  expect(said.mock.calls).toEqual([['[beaconry] telemetry is off: from the app']]);
  await client.shutdown();
});

it('leaves the process as it was when it is shut down', async () => {
  const names = ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'SIGHUP'];
  const counts = () => names.map((name) => process.listenerCount(name));
  const before = counts();
  const client = await started();
  expect(counts()).toEqual(before.map((count) => count + 1));
  await client.shutdown();
  expect(counts()).toEqual(before);
});
