import { describe, expect, it, vi } from 'vitest';
import { createGuard } from './guardExports.js';

/**
 * (module
 *   (import "m" "f" (func $f))
 *   (func (export "wasmclient_trap") unreachable)
 *   (func (export "wasmclient_call") call $f)
 *   (func (export "invoke") unreachable)
 *   (func (export "wasmclient_ok") (result i32) i32.const 7)
 *   (memory (export "memory") 1))
 */
const BYTES = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...section(1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]),
  ...section(2, [1, ...text('m'), ...text('f'), 0, 0]),
  ...section(3, [4, 0, 0, 0, 1]),
  ...section(5, [1, 0, 1]),
  ...section(7, [
    5,
    ...[...text('wasmclient_trap'), 0, 1],
    ...[...text('wasmclient_call'), 0, 2],
    ...[...text('invoke'), 0, 3],
    ...[...text('wasmclient_ok'), 0, 4],
    ...[...text('memory'), 2, 0],
  ]),
  ...section(10, [4, ...[3, 0, 0, 0x0b], ...[4, 0, 0x10, 0, 0x0b], ...[3, 0, 0, 0x0b], ...[4, 0, 0x41, 7, 0x0b]]),
]);

function section(id: number, content: number[]): number[] {
  return [id, content.length, ...content];
}

function text(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

function instance(imported: () => void = () => undefined) {
  const onDeath = vi.fn();
  const guard = createGuard(onDeath, (name) => /^(__|wasmclient_)/.test(name));
  const raw = new WebAssembly.Instance(new WebAssembly.Module(BYTES), { m: { f: imported } }).exports;
  const exports = guard.guard(raw) as Record<string, () => unknown>;
  const run = (name: string) => exports[name]?.();
  return { raw, exports, onDeath, guard, run };
}

describe('an export', () => {
  it('gives back what it gave, and memory is the same', () => {
    const { raw, exports, run, guard } = instance();
    expect(run('wasmclient_ok')).toBe(7);
    expect(guard.call(() => run('wasmclient_ok'))).toBe(7);
    expect(exports['memory']).toBe(raw['memory']);
  });

  it.each(['wasmclient_trap', 'invoke'])('that traps at the event loop (%s) is swallowed and ends the instance', (name) => {
    const { run, onDeath, guard } = instance();
    expect(run(name)).toBe(0);
    expect(guard.isDead()).toBe(true);
    expect(onDeath.mock.calls).toEqual([[expect.any(WebAssembly.RuntimeError)]]);
  });

  it('that traps in a call of ours is thrown to it', () => {
    const { run, guard, onDeath } = instance();
    expect(() => guard.call(() => run('wasmclient_trap'))).toThrow(WebAssembly.RuntimeError);
    expect(onDeath).toHaveBeenCalledOnce();
  });

  it('that traps for a promise, now or when dead, gives the glue what it can look at', () => {
    const { run } = instance();
    /** As the glue does for a closure that can return an error. */
    const callback = () => {
      const ret = run('invoke') as readonly unknown[];
      if (ret[1]) throw ret[0];
    };
    expect(callback).not.toThrow();
    expect(callback).not.toThrow();
  });

  it('of a dead instance does nothing, and a call says so', () => {
    const { run, guard, onDeath } = instance();
    run('invoke');
    expect(run('wasmclient_ok')).toBe(0);
    expect(run('invoke')).toBe(0);
    expect(() => guard.call(() => 1)).toThrow('the wasm has broken');
    expect(onDeath).toHaveBeenCalledOnce();
  });

  it('through which the app has thrown ends the instance as well', () => {
    const { run, guard, onDeath } = instance(() => {
      throw new TypeError('from the app');
    });
    expect(run('wasmclient_call')).toBe(0);
    expect(guard.isDead()).toBe(true);
    expect(onDeath.mock.calls).toEqual([[new TypeError('from the app')]]);
  });

  it('that traps within another does not let the frames of the other go on', () => {
    let isBehind = false;
    const within = instance(() => {
      within.run('wasmclient_trap');
      isBehind = true;
    });
    expect(within.run('wasmclient_call')).toBe(0);
    expect([isBehind, within.guard.isDead()]).toEqual([false, true]);
  });

  it('that is a closure never throws, though it was called within a call: that call is told at its end', () => {
    const within = instance(() => void within.run('invoke'));
    expect(() => within.guard.call(() => within.run('wasmclient_call'))).toThrow('the wasm has broken');
  });
});

it('lets errors pass that the glue throws after an export has returned', () => {
  const { guard, run } = instance();
  const refuse = () => {
    run('wasmclient_ok');
    throw new RangeError('config.batchSize takes a whole number');
  };
  expect(() => guard.call(refuse)).toThrow(RangeError);
  expect(guard.isDead()).toBe(false);
});
