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
