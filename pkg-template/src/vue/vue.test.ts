// @vitest-environment happy-dom
import { createApp, defineComponent, h } from 'vue';
import type { Component } from 'vue';
import { beforeEach, expect, it, vi } from 'vitest';
import { createSpyClient } from '../testing/spyClient.js';
import { beaconry, useTelemetry } from './index.js';

const said = { error: vi.fn(), warn: vi.fn() };

beforeEach(() => {
  for (const method of ['error', 'warn'] as const) {
    said[method].mockReset();
    vi.spyOn(console, method).mockImplementation(said[method]);
  }
});

const broken = new TypeError('no cart');
const Cart = defineComponent({
  name: 'Cart',
  setup: () => () => h('button', { onClick: () => { throw broken; } }, 'pay'),
});
const Shop = defineComponent({ name: 'Shop', setup: () => () => h('main', h(Cart)) });

function mount(component: Component, prepare: (app: ReturnType<typeof createApp>) => void): HTMLElement {
  const app = createApp(component);
  prepare(app);
  const place = document.createElement('div');
  app.mount(place);
  return place;
}

it('gives components its client, and starts it where a config is given', () => {
  const client = createSpyClient();
  const Page = defineComponent({
    setup() {
      useTelemetry().event('page_view');
      return () => 'a page';
    },
  });
  mount(Page, (app) => app.use(beaconry, { client, config: { endpoint: '/ingest' } }));
  expect(client.calls).toEqual([['start', { endpoint: '/ingest' }], ['event', 'page_view']]);
});

it('records what a component throws, once, with where Vue was', () => {
  const client = createSpyClient();
  const place = mount(Shop, (app) => app.use(beaconry, { client }));
  place.querySelector('button')?.click();
  const [[name, thrown, context], ...more] = client.calls as [unknown[]];
  expect([name, more]).toEqual(['error', []]);
  expect(context).toEqual({ vue: 'native event handler', component: 'Cart' });
  expect(thrown).toMatchObject({ name: 'TypeError', message: 'no cart', componentStack: '\n    at Cart\n    at Shop' });
  expect(said.error).toHaveBeenCalledWith(broken);
});

it('calls the handler that the app had', () => {
  const [client, handler] = [createSpyClient(), vi.fn()];
  const place = mount(Shop, (app) => {
    app.config.errorHandler = handler;
    app.use(beaconry, { client });
  });
  place.querySelector('button')?.click();
  expect(handler).toHaveBeenCalledWith(broken, expect.anything(), 'native event handler');
  expect([client.calls.length, said.error.mock.calls]).toEqual([1, []]);
});

it('says that the plugin is missing, and takes calls all the same', () => {
  const Page = defineComponent({
    setup() {
      expect(useTelemetry().event('page_view')).toBe(0);
      return () => 'a page';
    },
  });
  expect(mount(Page, () => undefined).textContent).toBe('a page');
  expect(said.warn).toHaveBeenCalledWith(expect.stringContaining('app.use(beaconry'));
});
