import { afterEach, expect, it, vi } from 'vitest';

const { wasm } = await vi.hoisted(async () => ({ wasm: (await import('../testing/fakeWasm.js')).createFakeWasm() }));
const loadWasm = vi.hoisted(() => vi.fn());
vi.mock('../loadWasm.js', () => ({ loadWasm }));

const { TelemetryClient, init, telemetry } = await import('./index.js');
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

afterEach(() => void vi.restoreAllMocks());

it('is given its wasm, and passes no word of it on', async () => {
  loadWasm.mockImplementation(wasm.loadWasm);
  telemetry.log('info', 'early');
  await init({ endpoint: '/ingest', wasm: EMPTY });
  expect(loadWasm).toHaveBeenCalledWith(EMPTY);
  expect(wasm.made('new')).toEqual([['new', { endpoint: '/ingest' }]]);
  expect(wasm.made('log')).toHaveLength(1);
});

it('asks for no wasm where it is off', async () => {
  loadWasm.mockClear();
  const bring = vi.fn();
  await new TelemetryClient({ endpoint: '/ingest', wasm: bring, enabled: false }).flush();
  expect([loadWasm.mock.calls.length, bring.mock.calls.length]).toEqual([0, 0]);
});
