import { describe, expect, it } from 'vitest';
import { copyOf } from './flat.js';

const explode = (): never => {
  throw new Error('from the app');
};

describe('a copy', () => {
  it('copies data', () => {
    const data = { text: 'a', list: [1, { deep: true }], nothing: null };
    const copy = copyOf(data);
    expect(copy).toEqual(data);
    expect(copy).not.toBe(data);
  });

  it.each([
    ['a function', () => 1, '[function]'],
    ['a symbol', Symbol('s'), '[symbol]'],
    ['a bigint', 5n, '[bigint]'],
    ['a node', { nodeType: 1, parentNode: {} }, '[node]'],
    ['a buffer', new ArrayBuffer(8), '[binary]'],
    ['a typed array', new Uint8Array(8), '[binary]'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no date', new Date(Number.NaN), null],
    ['an error', new TypeError('wrong'), 'TypeError: wrong'],
  ])('names %s', (_, value, expected) => {
    expect(copyOf({ value })).toEqual({ value: expected });
  });

  it('names what throws and keeps what stands beside it', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const value = { get bad() { return explode(); }, proxy, keys: new Proxy({}, { ownKeys: explode }), good: 1 };
    expect(copyOf(value)).toEqual({ bad: '[threw]', proxy: { '[unreadable]': true }, keys: { '[unreadable]': true }, good: 1 });
  });

  it('names an object that contains itself, but not one that is there twice', () => {
    const shared = { a: 1 };
    const value: Record<string, unknown> = { one: shared, two: shared };
    value['self'] = value;
    expect(copyOf(value)).toEqual({ one: shared, two: shared, self: '[circular]' });
  });

  it('ends at 32 keys or items, 6 levels and 64 Ki characters', () => {
    const many = Object.fromEntries(Array.from({ length: 5e5 }, (_, at) => [`k${at}`, at]));
    expect(Object.keys(copyOf(many) as object)).toHaveLength(32);
    expect(copyOf(Array.from({ length: 5e5 }, () => 0))).toHaveLength(32);
    expect(copyOf('x'.repeat(1e6))).toHaveLength(65_537);
    expect(JSON.stringify(copyOf({ a: { a: { a: { a: { a: { a: {} } } } } } }))).toBe(
      '{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}',
    );
  });

  it('ends in a small object of which the paths are many', () => {
    let value: unknown = 1;
    for (let level = 0; level < 6; level += 1) value = Array.from({ length: 32 }, () => value);
    expect(JSON.stringify(copyOf(value)).length).toBeLessThan(20_000);
  });

  it('does not let a key become a prototype', () => {
    const copy = copyOf(JSON.parse('{"__proto__":{"a":1}}')) as object;
    expect(Object.keys(copy)).toEqual(['__proto__']);
  });
});
