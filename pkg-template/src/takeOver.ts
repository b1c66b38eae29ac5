import type { Loader, Receiver, TakenOver } from './loader/index.js';

/** Takes over what the loader kept, if the page has one; from now on it passes its calls on. */
export function takeOver(receiver: Receiver): TakenOver | undefined {
  try {
    const { beaconry } = globalThis as { readonly beaconry?: Partial<Loader> };
    return typeof beaconry?.take === 'function' ? beaconry.take(receiver) : undefined;
  } catch {
    return undefined;
  }
}
