import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { needsPreflight } from './preflight.js';
import { resolve, shownPath, shownText, shownUrl } from './urls.js';

it.each([
  ['https://user:pw@a.example/x?q=1#f', 'https://a.example/x'],
  ['https://a.example/orders/12345/items', 'https://a.example/orders/[id]/items'],
  ['https://a.example/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'https://a.example/u/[id]'],
  ['https://a.example/1/2/3', 'https://a.example/[id]/[id]/[id]'],
  ['https://a.example/ann@example.org/x', 'https://a.example/[id]/x'],
  ['https://a.example/assets/index-Bx81.js', 'https://a.example/assets/index-Bx81.js'],
  ['https://a.example/feedbeef', 'https://a.example/feedbeef'],
])('shows %s as %s', (url, shown) => {
  expect(shownUrl(new URL(url))).toBe(shown);
});

const golden = new URL('../../../crates/protocol/tests/golden/paths.json', import.meta.url);

it.each(JSON.parse(readFileSync(golden, 'utf8')) as [string, string][])('shows the path %s as the server does: %s', (path, shown) => {
  expect(shownPath(path)).toBe(shown);
});

it('keeps keywords, and takes queries off what is no URL', () => {
  expect(['inline', 'eval', 'BUTTON#pay.onclick', '/a/b?secret=1', undefined].map(shownText)).toEqual(['inline', 'eval', 'BUTTON', '/a/b', '']);
});

it('takes only what goes over the network', () => {
  expect(['data:text/plain,x', 'blob:https://a.example/1', 'about:blank', 'https://['].map(resolve)).toEqual(Array(4).fill(undefined));
});

it.each([
  ['GET', {}, false],
  ['POST', { 'content-type': 'text/plain;charset=utf-8' }, false],
  ['POST', { 'content-type': 'application/json' }, true],
  ['GET', { accept: 'a/b', 'accept-language': 'de' }, false],
  ['GET', { 'x-own': '1' }, true],
  ['PUT', {}, true],
])('knows whether %s with %j needs a preflight: %s', (method, headers, needs) => {
  expect(needsPreflight('https://a.example/', method, new Headers(headers as HeadersInit))).toBe(needs);
});
