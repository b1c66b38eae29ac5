import { expect, it, vi } from 'vitest';
import { bindClient } from './bindClient.js';
import { flat } from './flat.js';
import type { RecordType } from './makeRecord.js';

const stats = ['s', 'memory', 1500, 1, ...Array.from({ length: 14 }, (_, at) => at + 1), 0, 2, 0, 0, 0, 0, 0, 0, 1, { disabled: 4 }];
const records = [{ type: 'log', message: 'x' }, { type: 'report' }, { type: 'vital', name: 'LCP' }];

function bind() {
  const tell = vi.fn(() => 7);
  const read = vi.fn((_: number, what: number) => ['session', '', JSON.stringify(records), JSON.stringify(stats)][what] ?? '');
  const promise = vi.fn(async (_: number, ticket: string) => ticket);
  return { tell, client: bindClient({ tell, read, promise }, 3) };
}

it('tells records by the numbers that the wasm knows them by', () => {
  const { tell, client } = bind();
  const types: readonly RecordType[] = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'feedback'];
  for (const [number, type] of types.entries()) {
    expect(client.record(type, { name: 'x' }, { a: 1 }, 5)).toBe(7);
    expect(tell).toHaveBeenLastCalledWith(3, number, flat(number, { name: 'x' }, { a: 1 }), 5);
  }
});

it('tells changes as fields, and reads answers back', () => {
  const { tell, client } = bind();
  client.setUser('u', undefined);
  expect(tell).toHaveBeenLastCalledWith(3, 7, 'su\0-\0', 0);
  client.discarded('disabled', 3);
  expect(tell).toHaveBeenLastCalledWith(3, 11, 'sdisabled\0n3\0', 0);
  expect([client.getSessionId(), client.isEnabled()]).toEqual(['session', false]);
});

it('promises what comes of a ticket', async () => {
  const { tell, client } = bind();
  expect(await client.flush()).toBe('7');
  expect(tell).toHaveBeenLastCalledWith(3, 12, '', 0);
  expect(await client.delivered(9)).toBe('7');
  expect(tell).toHaveBeenLastCalledWith(3, 13, '', 9);
  expect(await client.shutdown()).toBe('7');
  expect(tell).toHaveBeenLastCalledWith(3, 14, '', 0);
});

it('says in words what the wasm has not taken', async () => {
  const { tell, client } = bind();
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  tell.mockReturnValue(-2);
  client.record('metric', { name: 'x', value: NaN }, undefined, undefined);
  await vi.waitFor(() => expect(warn.mock.calls).toEqual([['[beaconry] metric() takes a value that is a finite number']]));
});

it('gives the account its names, and records their lists', () => {
  const { client } = bind();
  const [first, , third] = records;
  expect(client.getBuffer()).toEqual({ logs: [first], traces: [], metrics: [], vitals: [third], errors: [], events: [] });
  expect(client.stats()).toEqual({
    stream: 's',
    storage: 'memory',
    cpuMs: 1.5,
    enabled: true,
    lastSeq: 1,
    recorded: 2,
    adopted: 3,
    acknowledged: 4,
    handedOver: 5,
    leftToBrowser: 6,
    waiting: 7,
    inFlight: 8,
    queuedBytes: 9,
    sent: 10,
    requests: 11,
    failedRequests: 12,
    spoolWrites: 13,
    spoolRefusals: 14,
    discarded: { disabled: 4 },
    flushes: { bytes: 2, manual: 1 },
  });
});
