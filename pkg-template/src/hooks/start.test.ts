import { afterEach, expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { share, start } from './start.js';
import { startAll } from './startAll.js';
import { startConsole } from './startConsole.js';
import { startErrors } from './startErrors.js';
import { startNavigation } from './startNavigation.js';
import { startXhr } from './startXhr.js';

afterEach(() => vi.unstubAllGlobals());

it('starts once, however often it is asked, and again after it was stopped', () => {
  const { telemetry } = createFakeTelemetry();
  const [begin, end] = [vi.fn(), vi.fn()];
  const again = () => start(telemetry, 'hook', false, () => (begin(), end));
  const stop = again();
  expect(again()).toBe(stop);
  stop();
  stop();
  expect([begin.mock.calls.length, end.mock.calls.length]).toEqual([1, 1]);
  again();
  expect(begin).toHaveBeenCalledTimes(2);
});

it('waits in a prerendered page until it is shown, or stopped', () => {
  const { telemetry } = createFakeTelemetry();
  const page = Object.assign(new EventTarget(), { prerendering: true });
  vi.stubGlobal('document', page);
  const [begin, end] = [vi.fn(), vi.fn()];
  const stop = start(telemetry, 'hook', false, () => (begin(), end));
  start(telemetry, 'another', false, () => (begin(), end))();
  expect(begin).not.toHaveBeenCalled();
  page.dispatchEvent(new Event('prerenderingchange'));
  page.dispatchEvent(new Event('prerenderingchange'));
  expect(begin).toHaveBeenCalledTimes(1);
  stop();
  expect(end).toHaveBeenCalledTimes(1);
});

it('says where there is nothing to hook into, once each, and does nothing', () => {
  const { telemetry, of, made } = createFakeTelemetry();
  vi.stubGlobal('addEventListener', undefined);
  startErrors(telemetry)();
  startXhr(telemetry)();
  startNavigation(telemetry)();
  expect(of('advise')).toEqual([
    ["startErrors() does nothing here: there is no window's error event"],
    ['startXhr() does nothing here: there is no XMLHttpRequest'],
    ['startNavigation() does nothing here: there is no page'],
  ]);
  expect(made).toHaveLength(3);
});

it.each([
  ['startConsole', { methods: 'error' }, 'startConsole({ methods }) takes a list of debug, info, log, warn, error, got "error"'],
  ['startConsole', { methods: ['errors'] }, 'startConsole({ methods }) takes a list of debug, info, log, warn, error, got ["errors"]'],
  ['startConsole', { method: ['error'] }, 'startConsole() takes no option method, only methods'],
  ['startConsole', 'error', 'startConsole() takes { methods }, got a string'],
])('names what is wrong with %s(%j)', (_, options, advice) => {
  const { telemetry, of } = createFakeTelemetry();
  startConsole(telemetry, options as never)();
  expect(of('advise')).toEqual([[advice]]);
});

it('names options that startAll does not know', () => {
  const { telemetry, of } = createFakeTelemetry();
  startAll(telemetry, { error: false, vitals: true } as never)();
  expect(of('advise').flat()).toContain(
    'startAll() takes no option error, only breadcrumbs, errors, console, fetch, xhr, navigation, longTasks, resources, csp, clicks, vitals',
  );
  expect(of('advise').flat()).toContain("startAll({ vitals }) takes startVitals of 'beaconry/vitals'");
});

it('never throws, whatever it is given for a client', () => {
  for (const telemetry of [undefined, null, 7, Object.freeze({})]) {
    startConsole(telemetry as never)();
    startAll(telemetry as never)();
  }
  const broken = createFakeTelemetry();
  expect(() => start(broken.telemetry, 'hook', false, () => { throw new Error('refused'); })()).not.toThrow();
  expect(broken.of('advise')).toEqual([['hook() does nothing here: the page does not let it']]);
});

it('shares what is put into the page, until the last has gone', () => {
  const { telemetry } = createFakeTelemetry();
  const [install, remove] = [vi.fn(), vi.fn()];
  const tap = (listener: object) => share(telemetry, 'source', listener, () => (install(), remove));
  const [one, other] = [tap({}), tap({})];
  one();
  one();
  expect([install.mock.calls.length, remove.mock.calls.length]).toEqual([1, 0]);
  other();
  expect(remove).toHaveBeenCalledTimes(1);
});
