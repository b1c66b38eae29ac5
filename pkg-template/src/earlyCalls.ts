import type { WasmClient } from './loadWasm.js';

/** A call that was made before the wasm was there. `at` is when. */
export type EarlyCall = (client: WasmClient, at: number) => void;

/** Why a call came to nothing before the wasm was there; a part of the protocol's list. */
export type EarlyDiscard = 'queue_overflow' | 'disabled' | 'client_failed';

/** Keeps calls until they can be made, in order, with their own times; counts those that cannot. */
export function createEarlyCalls() {
  let calls: { readonly call: EarlyCall; readonly at: number }[] = [];
  const discarded: Partial<Record<EarlyDiscard, number>> = {};

  function discard(reason: EarlyDiscard, count = 1): void {
    if (count > 0) discarded[reason] = (discarded[reason] ?? 0) + count;
  }

  return {
    keep(call: EarlyCall): void {
      if (calls.length < MOST) calls.push({ call, at: Date.now() });
      else discard('queue_overflow');
    },
    discard,
    /** Gives up what is kept. */
    discardAll(reason: EarlyDiscard): void {
      discard(reason, calls.length);
      calls = [];
    },
    replay(client: WasmClient): void {
      const kept = calls;
      calls = [];
      for (const { call, at } of kept) call(client, at);
    },
    waiting: () => calls.length,
    discarded: (): Readonly<Record<string, number>> => ({ ...discarded }),
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
