import { guard } from './guard.js';
import type { Loader, Receiver, TakenOver } from './loader/index.js';
import type { Consent } from './types.js';

/** Takes over what the loader kept, if the page has one; from now on it passes its calls on. */
export function takeOver(receiver: Receiver): TakenOver | undefined {
  return guard(() => loaderOfPage().take?.(receiver), undefined);
}

/** Tells the loader of the page, which may send before a client starts, what the user has allowed. */
export function tellLoader(state: Consent): void {
  guard(() => loaderOfPage().allow?.(state), undefined);
}

function loaderOfPage(): Partial<Loader> {
  const { beaconry } = globalThis as { readonly beaconry?: Partial<Loader> };
  return beaconry ?? {};
}
