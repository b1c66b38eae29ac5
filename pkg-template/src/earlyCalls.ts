import type { WasmClient } from './loadWasm.js';

/** A call that was made before the wasm was there. `at` is when. */
export type EarlyCall = (client: WasmClient, at: number) => void;

/** Keeps calls until they can be made, in order, with their own times. */
export function createEarlyCalls() {
  let calls: { readonly call: EarlyCall; readonly at: number }[] = [];
  let refused = 0;
  return {
    /** Keeps a call; beyond the bound it is counted only. */
    keep(call: EarlyCall): void {
      if (calls.length < MOST) calls.push({ call, at: Date.now() });
      else refused += 1;
    },
    replay(client: WasmClient): void {
      const kept = calls;
      calls = [];
      for (const { call, at } of kept) call(client, at);
    },
    /** Calls that were not kept. */
    refused: () => refused,
    count: () => calls.length,
    clear(): void {
      calls = [];
    },
  };
}

/** A copy of what the app passed, so that changing it afterwards changes nothing. */
export function snapshot<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return structuredClone(value);
  } catch {
    return { ...value };
  }
}

/** As many as a page makes in its first second, and few enough to hold. */
const MOST = 1_000;
