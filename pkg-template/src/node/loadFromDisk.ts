import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { wasmUrl } from '../../wasm/url.js';
import { createLaunch } from '../createLaunch.js';
import type { Launch } from '../createLaunch.js';

/** Reads and compiles the wasm, beside the event loop. */
export async function loadFromDisk(scope: object): Promise<Launch> {
  return createLaunch(await WebAssembly.compile(await readWasm()), scope);
}

/** Where it stands in the package; a bundler may have moved the code away from it. */
async function readWasm(): Promise<Uint8Array<ArrayBuffer>> {
  const places = [wasmUrl, () => resolvedFrom(import.meta.url), () => resolvedFrom(join(process.cwd(), 'package.json'))];
  for (const place of places) {
    try {
      return new Uint8Array(await readFile(place()));
    } catch {
      // The next one.
    }
  }
  throw new Error(`${WASM} cannot be read: let your bundler leave the package out ("external")`);
}

function resolvedFrom(place: string): string {
  return createRequire(place).resolve(WASM);
}

const WASM = 'beaconry/wasm/beaconry_bg.wasm';
