import { afterEach, expect, it, vi } from 'vitest';
import { currentHref } from './currentHref.js';

afterEach(() => vi.unstubAllGlobals());

it('is what the document says, as it is now', () => {
  const document = { URL: 'https://shop.example/one' };
  vi.stubGlobal('document', document);
  vi.stubGlobal('location', { href: 'https://shop.example/other' });
  expect(currentHref()).toBe('https://shop.example/one');
  document.URL = 'https://shop.example/two#part';
  expect(currentHref()).toBe('https://shop.example/two#part');
});

it('is what the location says where an element has taken the name, and in a worker', () => {
  vi.stubGlobal('location', { href: 'https://shop.example/one' });
  for (const document of [{ URL: { tagName: 'FORM' } }, {}, undefined]) {
    vi.stubGlobal('document', document);
    expect(currentHref()).toBe('https://shop.example/one');
  }
});

it('is empty where nothing is known, or where looking throws', () => {
  vi.stubGlobal('document', undefined);
  vi.stubGlobal('location', undefined);
  expect(currentHref()).toBe('');
  vi.stubGlobal('document', { get URL() { throw new Error('from the app'); } });
  expect(currentHref()).toBe('');
});
