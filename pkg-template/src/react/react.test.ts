// @vitest-environment happy-dom
import { act, createElement as h, StrictMode, useEffect } from 'react';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { RootOptions } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { createSpyClient } from '../testing/spyClient.js';
import { ErrorBoundary, reactErrorHandlers, TelemetryProvider, useTelemetry } from './index.js';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
const said = { error: vi.fn(), warn: vi.fn() };
const config = { endpoint: '/ingest' };

beforeEach(() => {
  for (const method of ['error', 'warn'] as const) {
    said[method].mockReset();
    vi.spyOn(console, method).mockImplementation(said[method]);
  }
});

async function render(tree: ReactNode, options: RootOptions = {}): Promise<HTMLElement> {
  const place = document.body.appendChild(document.createElement('div'));
  await act(async () => createRoot(place, options).render(tree));
  return place;
}

const broken = new TypeError('no cart');
const shop = { isBroken: true };

function Cart(): ReactNode {
  if (shop.isBroken) throw broken;
  return 'a cart';
}

beforeEach(() => void (shop.isBroken = true));

it('starts its client once, under StrictMode too, and with the config of the first render', async () => {
  const client = createSpyClient();
  const tree = (endpoint: string) => h(StrictMode, null, h(TelemetryProvider, { client, config: { endpoint } }, 'page'));
  const place = document.createElement('div');
  const root = createRoot(place);
  await act(async () => root.render(tree('/ingest')));
  await act(async () => root.render(tree('/other')));
  expect(place.textContent).toBe('page');
  expect(new Set(client.calls.map(([, given]) => given))).toEqual(new Set([config]));
});

it('gives components the client of the provider', async () => {
  const client = createSpyClient();
  function Page(): ReactNode {
    const telemetry = useTelemetry();
    useEffect(() => void telemetry.event('page_view'), [telemetry]);
    return null;
  }
  await render(h(TelemetryProvider, { client }, h(Page)));
  expect(client.calls).toEqual([['event', 'page_view']]);
});

it('says that there is no provider, and takes calls all the same', async () => {
  function Page(): ReactNode {
    const telemetry = useTelemetry();
    useEffect(() => {
      expect(telemetry.event('page_view')).toBe(0);
      expect(telemetry.startSpan('span').end()).toBe(0);
      expect(telemetry.stats().enabled).toBe(false);
    });
    return 'a page';
  }
  expect((await render(h(Page))).textContent).toBe('a page');
  expect(said.warn).toHaveBeenCalledWith(expect.stringContaining('<TelemetryProvider client={telemetry}>'));
});

it.each([false, true])('records what children throw, once, with their components; StrictMode %s', async (isStrict) => {
  const client = createSpyClient();
  const boundary = h(ErrorBoundary, { fallback: 'sorry', context: { part: 'cart' } }, h(Cart));
  const tree = h(TelemetryProvider, { client }, boundary);
  const place = await render(isStrict ? h(StrictMode, null, tree) : tree);
  expect(place.textContent).toBe('sorry');
  const [[name, thrown, context], ...more] = client.calls as [unknown[]];
  expect([name, context, more]).toEqual(['error', { part: 'cart' }, []]);
  expect(thrown).toMatchObject({ name: 'TypeError', message: 'no cart', stack: broken.stack });
  expect((thrown as { componentStack: string }).componentStack).toMatch(/Cart/);
  expect('componentStack' in broken, 'the error of the app was changed').toBe(false);
});

it('renders its children again after a reset', async () => {
  const onReset = vi.fn(() => void (shop.isBroken = false));
  const onError = vi.fn();
  const fallback = ({ error, reset }: { error: unknown; reset: () => void }) =>
    h('button', { onClick: reset }, `again: ${(error as Error).message}`);
  const place = await render(h(ErrorBoundary, { fallback, onReset, onError }, h(Cart)));
  expect([place.textContent, onError.mock.calls[0]?.[0]]).toEqual(['again: no cart', broken]);
  await act(async () => place.querySelector('button')?.click());
  expect([place.textContent, onReset.mock.calls.length]).toEqual(['a cart', 1]);
});

it('catches undefined, too', async () => {
  const client = createSpyClient();
  const Odd = () => {
    throw undefined;
  };
  const place = await render(h(ErrorBoundary, { client, fallback: 'sorry' }, h(Odd)));
  expect(place.textContent).toBe('sorry');
  expect(client.calls).toEqual([['error', expect.objectContaining({ message: 'undefined was thrown' }), undefined]]);
});

it('records an error that nobody caught by the handlers of the root, once and unhandled', async () => {
  const client = createSpyClient();
  // Within `act` React throws it at the test instead.
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
  createRoot(document.createElement('div'), reactErrorHandlers(client)).render(h(Cart));
  await vi.waitFor(() => expect(client.calls.length).toBeGreaterThan(0), { timeout: 20_000 });
  vi.unstubAllGlobals();
  expect(client.calls).toEqual([
    ['error', expect.objectContaining({ message: 'no cart' }), { react: 'uncaught' }, { handled: false }],
  ]);
  expect(said.error).toHaveBeenCalledWith(broken);
});

it('records what a boundary of ours caught once, though the root has handlers', async () => {
  const client = createSpyClient();
  await render(h(ErrorBoundary, { client, fallback: 'sorry' }, h(Cart)), reactErrorHandlers(client));
  expect(client.calls.length).toBe(1);
});

it('renders on a server, and starts nothing there', () => {
  const client = createSpyClient();
  const page = h(ErrorBoundary, { fallback: 'sorry' }, 'a page');
  expect(renderToString(h(TelemetryProvider, { client, config }, page))).toBe('a page');
  expect(client.calls).toEqual([]);
});
