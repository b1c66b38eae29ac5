import { expect, it, vi } from 'vitest';
import { bindClient } from './bindClient.js';
import { flat } from './flat.js';
import type { RecordType } from './makeRecord.js';

function bind() {
  const tell = vi.fn(() => 7);
  const read = vi.fn((what: number) => ['session', '', '{"logs":[]}', '{"waiting":1}'][what] ?? '');
  const ask = vi.fn(async (what: number, seq: number) => [what, seq]);
  return { tell, ask, client: bindClient({ tell, read, ask } as unknown as Parameters<typeof bindClient>[0]) };
}

it('tells records by the numbers that the wasm knows them by', () => {
  const { tell, client } = bind();
  const types: readonly RecordType[] = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'feedback'];
  for (const [number, type] of types.entries()) {
    expect(client.record(type, { name: 'x' }, { a: 1 }, 5)).toBe(7);
    expect(tell).toHaveBeenLastCalledWith(number, flat(number, { name: 'x' }, { a: 1 }), 5);
  }
});

it('tells changes as fields, and reads answers back', async () => {
  const { tell, client } = bind();
  client.setUser('u', undefined);
  expect(tell).toHaveBeenLastCalledWith(7, 'su\0-\0', 0);
  client.discarded('disabled', 3);
  expect(tell).toHaveBeenLastCalledWith(11, 'sdisabled\0n3\0', 0);
  expect([client.getSessionId(), client.isEnabled()]).toEqual(['session', false]);
  expect([client.getBuffer(), client.stats()]).toEqual([{ logs: [] }, { waiting: 1 }]);
  expect([await client.flush(), await client.delivered(9), await client.shutdown()]).toEqual([[0, 0], [1, 9], [2, 0]]);
});
