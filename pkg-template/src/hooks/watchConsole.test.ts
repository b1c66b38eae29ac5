import { afterEach, expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { startConsole } from './startConsole.js';
import { lineOf } from './watchConsole.js';

afterEach(() => vi.unstubAllGlobals());

const getter = { get value(): never { throw new Error('a getter was called'); } };

it.each([
  [['a', 1, true, null, undefined], 'a 1 true null undefined'],
  [['%s is %d of %%', 'one', 2, 'rest'], 'one is 2 of % rest'],
  [['%cstyled', 'color: red'], 'styled'],
  [[new TypeError('no list')], 'TypeError: no list'],
  [[{ flat: 1, deep: { x: 1 }, run: () => 1 }], '{"flat":1,"deep":"…","run":"…"}'],
  [[[1, 'two', [3]]], '[1,"two","…"]'],
  [[BigInt(10), Symbol('s'), () => 1], '10 Symbol(s) [function]'],
  [[getter], '{}'],
  [[new Map([['secret', 1]])], '[object Map]'],
  [[], 'undefined'],
])('writes a line as text %#', (args, line) => {
  expect(lineOf(args)).toBe(line);
});

function quietConsole() {
  const said: unknown[][] = [];
  const fake = Object.fromEntries(['debug', 'info', 'log', 'warn', 'error'].map((name) => [name, (...words: unknown[]) => said.push([name, ...words])]));
  vi.stubGlobal('console', fake);
  return said;
}

it('says the line first, gives back what the console did, and records its levels', () => {
  const said = quietConsole();
  const { telemetry, of } = createFakeTelemetry();
  const stop = startConsole(telemetry, { methods: ['log', 'error'] });
  expect(console.log('one')).toBe(1);
  console.error('two');
  console.warn('three');
  stop();
  console.error('four');
  expect(said).toHaveLength(4);
  expect(of('log')).toEqual([['info', 'one', { source: 'console' }], ['error', 'two', { source: 'console' }]]);
});

it('leaves out the lines of this package', () => {
  quietConsole();
  const { telemetry, made } = createFakeTelemetry();
  startConsole(telemetry);
  console.warn('[beaconry] log() takes a string');
  expect(made).toEqual([]);
});

it('ends, and counts, what is said while a line is recorded', () => {
  const said = quietConsole();
  const { telemetry, of } = createFakeTelemetry();
  const log = telemetry.log;
  telemetry.log = (...args) => {
    console.error('said while recording');
    return log(...args);
  };
  startConsole(telemetry);
  console.error('once');
  expect(said).toHaveLength(2);
  expect(of('log')).toHaveLength(1);
  expect(of('leaveOut')).toEqual([[]]);
});
