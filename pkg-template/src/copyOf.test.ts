import { describe, expect, it } from 'vitest';
import { copyOf, flat } from './flat.js';

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
    const copy = Object.entries(copyOf(many) as object);
    expect([copy.length, copy[31], copy[32]]).toEqual([33, ['k31', 31], ['[cut]', 5e5 - 32]]);
    const items = copyOf(Array.from({ length: 5e5 }, () => 0)) as unknown[];
    expect([items.length, items[31], items[32]]).toEqual([33, 0, '[cut]']);
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

  const told = (context: unknown) => flat(0, { level: 'info', message: 'x' }, context);

  it.each([
    ['keys', Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, at]))],
    ['characters', Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, 'x'.repeat(8_000)]))],
  ])('that has lost %s says how many, as what it was made of does', (_, given) => {
    expect(told(given)).toMatch(/\0c\d+\0$/);
    expect(told(copyOf(copyOf(given)))).toBe(told(given));
  });

  it('that has lost items says that it has', () => {
    const given = { list: Array.from({ length: 50 }, (_, at) => at) };
    expect(told(given)).toMatch(/\0n31\0c18\0}\0$/);
    expect(told(copyOf(copyOf(given)))).toMatch(/\0n31\0c1\0}\0$/);
  });

  it.each([1.5, '5', null, { valueOf: explode }])('takes the mark of an app for what it is: %j', (value) => {
    expect(Object.keys(copyOf({ '[cut]': value }) as object)).toEqual(['[cut]']);
  });

  it('does not let a key become a prototype', () => {
    const copy = copyOf(JSON.parse('{"__proto__":{"a":1}}')) as object;
    expect(Object.keys(copy)).toEqual(['__proto__']);
  });
});
