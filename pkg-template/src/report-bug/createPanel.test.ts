// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { createPanel } from './createPanel.js';

afterEach(() => document.body.replaceChildren());

it.each(['keydown', 'keypress', 'keyup'])('%s in the dialog is none of the shortcuts of the page', (type) => {
  const host = document.body.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  const panel = createPanel(host, root, () => undefined);
  const heard = vi.fn();
  document.addEventListener(type, heard);
  const press = (selector: string) => root.querySelector(selector)?.dispatchEvent(new KeyboardEvent(type, { key: 's', bubbles: true, composed: true }));
  press('button');
  expect(heard).toHaveBeenCalledTimes(1);
  press('textarea');
  expect(heard).toHaveBeenCalledTimes(1);
  document.removeEventListener(type, heard);
  panel.stop();
});
