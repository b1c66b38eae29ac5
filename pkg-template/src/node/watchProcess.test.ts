import { afterEach, expect, it, vi } from 'vitest';
import { watchProcess } from './watchProcess.js';

afterEach(() => vi.restoreAllMocks());

function createFarewell() {
  return { write: vi.fn(), send: vi.fn(async () => undefined), end: vi.fn() };
}

it('ends the process once for all clients of it, after each has sent what waits', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const [one, other] = [createFarewell(), createFarewell()];
  other.send.mockRejectedValue(new Error('no network'));
  one.write.mockImplementation(() => { throw new Error('no disk'); });
  watchProcess(one);
  watchProcess(other);
  process.emit('SIGHUP', 'SIGHUP');
  await vi.waitFor(() => expect(kill.mock.calls).toEqual([[process.pid, 'SIGHUP']]), { timeout: 20_000 });
  for (const { write, send, end } of [one, other]) expect([write, send, end].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
  expect(process.listenerCount('SIGHUP')).toBe(0);
});

it('lets somebody else who listens decide', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const others = vi.fn();
  const [one, other] = [createFarewell(), createFarewell()];
  const stops = [watchProcess(one), watchProcess(other)];
  process.on('SIGHUP', others);
  process.emit('SIGHUP', 'SIGHUP');
  await new Promise(setImmediate);
  process.off('SIGHUP', others);
  expect([others, one.send, other.send, kill, one.end].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1, 0, 0]);
  for (const stop of stops) stop();
});

it('listens once, until the last of them is stopped, and again for the next', () => {
  const before = process.listenerCount('SIGHUP');
  const [stop, stopOther] = [watchProcess(createFarewell()), watchProcess(createFarewell())];
  const counts = [process.listenerCount('SIGHUP')];
  for (const act of [stop, stop, stopOther]) counts.push((act(), process.listenerCount('SIGHUP')));
  const stopNext = watchProcess(createFarewell());
  counts.push(process.listenerCount('SIGHUP'));
  stopOther();
  counts.push(process.listenerCount('SIGHUP'));
  stopNext();
  expect(counts.map((count) => count - before)).toEqual([1, 1, 1, 0, 1, 1]);
});
