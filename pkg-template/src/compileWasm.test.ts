import { afterEach, expect, it, vi } from 'vitest';
import { compileWasm } from './compileWasm.js';

const url = new URL('https://app.example/beaconry_bg.wasm');
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

afterEach(() => void vi.unstubAllGlobals());

it.each(['application/wasm', 'application/octet-stream'])('compiles what comes as %s', async (type) => {
  vi.stubGlobal('fetch', async () => new Response(EMPTY, { headers: { 'Content-Type': type } }));
  expect(await compileWasm(url)).toBeInstanceOf(WebAssembly.Module);
});

it('says where it was not found', async () => {
  vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
  await expect(compileWasm(url)).rejects.toThrow(`the wasm cannot be fetched: 404 for ${url.href}`);
});

it('says what may have refused a fetch, and of what', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('Failed to fetch')));
  const message = `the wasm cannot be fetched from ${url.href} (Failed to fetch); a Content Security Policy has to allow it under connect-src`;
  await expect(compileWasm(url)).rejects.toThrow(message);
});

const module = await WebAssembly.compile(EMPTY);

it.each([
  ['a module', module],
  ['bytes', EMPTY],
  ['a buffer', EMPTY.buffer],
  ['a Response', new Response(EMPTY)],
  ['a promise', Promise.resolve(EMPTY)],
  ['a function', () => Promise.resolve(EMPTY)],
])('takes %s', async (_, given) => {
  vi.stubGlobal('fetch', () => expect.unreachable());
  expect(await compileWasm(given)).toBeInstanceOf(WebAssembly.Module);
});

it('takes a URL as text, seen from the page', async () => {
  const fetched = vi.fn(async () => new Response(EMPTY));
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('location', { href: 'https://app.example/shop/' });
  await compileWasm('../a.wasm');
  expect(fetched).toHaveBeenCalledWith(new URL('https://app.example/a.wasm'));
});

it.each([undefined, null, 5])('names what it cannot take: %s', async (given) => {
  const got = given === null ? 'nothing' : typeof given;
  await expect(compileWasm(given as never)).rejects.toThrow(`config.wasm takes a module, bytes, a Response or a URL, got ${got}`);
});

it('says what a policy has to allow', async () => {
  vi.stubGlobal('WebAssembly', { ...WebAssembly, Module: WebAssembly.Module, compile: async () => Promise.reject(new Error('refused')) });
  const message = "the wasm cannot be compiled (refused); a Content Security Policy has to allow it: script-src 'wasm-unsafe-eval'";
  await expect(compileWasm(EMPTY)).rejects.toThrow(message);
});

it('says that a browser is too old', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  await expect(compileWasm(url)).rejects.toThrow('this browser has no WebAssembly');
});
