import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { startBreadcrumbs } from './startBreadcrumbs.js';
import { startErrors } from './startErrors.js';

let page: EventTarget;

beforeEach(() => {
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});
afterEach(() => {
  vi.unstubAllGlobals();
  delete (globalThis as { beaconry?: unknown }).beaconry;
});

function raise(type: string, fields: object): void {
  page.dispatchEvent(Object.assign(new Event(type), fields));
}

it('records what is thrown and rejected, whatever it is, as not handled', () => {
  const { telemetry, of } = createFakeTelemetry();
  const stop = startErrors(telemetry);
  const thrown = new RangeError('too far');
  raise('error', { message: 'Uncaught RangeError: too far', error: thrown });
  raise('unhandledrejection', { reason: undefined });
  raise('error', { message: 'Script error.', error: null, filename: '', lineno: 0, colno: 0 });
  raise('error', { message: 'Uncaught TypeError: gone', error: null, filename: 'https://a.example/x.js', lineno: 3, colno: 4 });
  stop();
  raise('error', { message: 'Uncaught RangeError: too far', error: thrown });
  const handled = { handled: false };
  expect(of('error')).toEqual([
    [thrown, { source: 'window.error' }, handled],
    [undefined, { source: 'unhandledrejection' }, handled],
    [{ name: 'Error', message: 'Script error.', stack: undefined }, { source: 'window.error' }, handled],
    [{ name: 'TypeError', message: 'gone', stack: 'Uncaught TypeError: gone\n    at https://a.example/x.js:3:4' }, { source: 'window.error' }, handled],
  ]);
});

it('counts the same error of a burst in one record', () => {
  const { telemetry, of } = createFakeTelemetry();
  const stop = startErrors(telemetry);
  const thrown = new Error('in every frame');
  for (let frame = 0; frame < 100; frame += 1) raise('error', { message: 'in every frame', error: thrown });
  stop();
  expect(of('error').map(([, context]) => (context as { repeats?: number }).repeats)).toEqual([undefined, 99]);
});

it('leaves rejections out if it is told so, and resources always', () => {
  const { telemetry, made } = createFakeTelemetry();
  startErrors(telemetry, { rejections: false });
  raise('unhandledrejection', { reason: new Error('unseen') });
  raise('error', {});
  expect(made).toEqual([]);
});

it('ends the loader, and nothing else of that name', () => {
  const stop = vi.fn();
  Object.assign(globalThis, { beaconry: { stop } });
  startErrors(createFakeTelemetry().telemetry);
  expect(stop).toHaveBeenCalledTimes(1);
  // As a frame of this name, of which the window tells through its prototype.
  delete (globalThis as { beaconry?: unknown }).beaconry;
  const prototype = Object.getPrototypeOf(globalThis) as { beaconry?: unknown };
  prototype.beaconry = { stop };
  startErrors(createFakeTelemetry().telemetry);
  delete prototype.beaconry;
  expect(stop).toHaveBeenCalledTimes(1);
});

it('a client that throws, and an error that cannot be read, reach nobody', () => {
  const { telemetry } = createFakeTelemetry();
  telemetry.error = () => {
    throw new Error('from the client');
  };
  startErrors(telemetry);
  const hostile = { get message(): never { throw new Error('from a getter'); } };
  expect(() => raise('error', { message: 'x', error: hostile })).not.toThrow();
  expect(() => raise('error', { message: 'x', error: new Error('x') })).not.toThrow();
});

it('breadcrumbs go with the next error, bounded, and not with the one after', () => {
  const { telemetry, of } = createFakeTelemetry();
  const own = Object.getOwnPropertyDescriptor(telemetry, 'error');
  vi.stubGlobal('console', { warn: () => undefined });
  const stop = startBreadcrumbs(telemetry, { most: 2 });
  for (const line of ['one', 'two', 'three']) console.warn(line);
  telemetry.error(new Error('first'), { mine: 1 }, { handled: true });
  telemetry.error(new Error('second'));
  stop();
  telemetry.error(new Error('third'));
  const trails = of('error').map(([, context]) => (context as { breadcrumbs?: { what: string }[] } | undefined)?.breadcrumbs);
  expect(trails.map((trail) => trail?.map(({ what }) => what))).toEqual([['warn: two', 'warn: three'], ['first'], undefined]);
  expect(of('error')[0]?.slice(1)).toMatchObject([{ mine: 1 }, { handled: true }]);
  expect(Object.getOwnPropertyDescriptor(telemetry, 'error')).toEqual(own);
});

it('breadcrumbs wait for an error that is worth them', () => {
  const { telemetry, of } = createFakeTelemetry();
  vi.stubGlobal('console', { warn: () => undefined });
  const stop = startBreadcrumbs(telemetry);
  console.warn('one');
  const aside = [{ source: 'resource', kind: 'image' }, { source: 'window.error', repeats: 3 }];
  for (const context of aside) telemetry.error({ name: 'Error', message: 'aside' }, context);
  telemetry.error(new Error('first'), { repeats: 2 });
  stop();
  const trails = of('error').map(([, context]) => (context as { breadcrumbs?: { what: string }[] }).breadcrumbs?.map(({ what }) => what));
  expect(trails).toEqual([undefined, undefined, ['warn: one']]);
  expect(of('error').slice(0, 2).map(([, context]) => context)).toEqual(aside);
});
