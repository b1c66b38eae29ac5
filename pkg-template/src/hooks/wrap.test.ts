import { expect, it } from 'vitest';
import { wrap } from './wrap.js';

const counting = () => {
  let calls = 0;
  const stop = (owner: object, name = 'run') => wrap(owner, name, (original, self, args) => ((calls += 1), Reflect.apply(original, self, args)));
  return { start: stop, calls: () => calls };
};

it.each([
  ['a plain property', () => ({ run: (n: number) => n })],
  ['one that is hidden', () => Object.defineProperty({}, 'run', { value: (n: number) => n, configurable: true, writable: true })],
  ['one that is inherited', () => Object.create({ run: (n: number) => n }) as object],
  ['a getter', () => ({ get run() { return (n: number) => n; } })],
])('puts back %s as it was', (_, create) => {
  const owner = create() as { run(n: number): number };
  const before = Object.getOwnPropertyDescriptors(owner);
  const { start, calls } = counting();
  const stop = start(owner);
  expect(owner.run(7)).toBe(7);
  expect(calls()).toBe(1);
  stop();
  expect(Object.getOwnPropertyDescriptors(owner)).toEqual(before);
  expect(Reflect.ownKeys(owner)).toEqual(Reflect.ownKeys(before));
  owner.run(7);
  expect(calls()).toBe(1);
});

it('only passes on when somebody has wrapped it meanwhile', () => {
  const owner = { run: (n: number) => n };
  const native = owner.run;
  const { start, calls } = counting();
  const stop = start(owner);
  const ours = owner.run;
  const theirs = (n: number): number => ours(n) + 1;
  owner.run = theirs;
  stop();
  expect(owner.run).toBe(theirs);
  expect(owner.run(1)).toBe(2);
  expect(calls()).toBe(0);
  owner.run = ours;
  expect(owner.run(1)).toBe(1);
  // The next of ours that ends takes the dead one away with it.
  start(owner)();
  expect(owner.run).toBe(native);
});

it('puts back the first when two are stopped in the wrong order', () => {
  const owner = { run: (n: number) => n };
  const native = owner.run;
  const { start } = counting();
  const [first, second] = [start(owner), start(owner)];
  first();
  second();
  expect(owner.run).toBe(native);
});

it('looks like the function that it wraps', () => {
  const run = (_one: unknown, _two: unknown): void => undefined;
  const owner = { run: Object.assign(run, { mark: 1 }) };
  counting().start(owner);
  expect([owner.run.name, owner.run.length, owner.run.mark]).toEqual(['run', 2, 1]);
  const host = { parse: JSON.parse };
  counting().start(host, 'parse');
  expect(host.parse.toString()).toContain('[native code]');
});
