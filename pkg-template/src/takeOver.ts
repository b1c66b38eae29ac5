import { isNewer } from './consent.js';
import { guard } from './guard.js';
import type { KeptCall, Loader, Receiver, TakenOver } from './loader/startLoader.js';
import type { Consent } from './types.js';

/** Takes over what the loader kept, if the page has one; from now on it passes its calls on. */
export function takeOver(receiver: Receiver): TakenOver | undefined {
  return guard(() => loaderOfPage().take?.(receiver), undefined);
}

/**
 * Makes the calls that it kept, each as one of its own time, which `at` is told. What the user has allowed is what was
 * said last, here or there.
 */
export function makeCalls(
  receiver: Receiver,
  calls: readonly KeptCall[],
  toldAt: number,
  at: (time: number | undefined) => void,
): void {
  for (const { name, args, at: time } of calls) {
    if (name === 'setConsent' && !isNewer(args[0], time, toldAt)) continue;
    at(time);
    guard(() => (receiver[name] as (...args: readonly unknown[]) => unknown)(...args), undefined);
  }
  at(undefined);
}

/** Tells the loader of the page, which may send before a client starts, what the user has allowed. */
export function tellLoader(state: Consent): void {
  guard(() => loaderOfPage().allow?.(state), undefined);
}

function loaderOfPage(): Partial<Loader> {
  const { beaconry } = globalThis as { readonly beaconry?: Partial<Loader> };
  return beaconry ?? {};
}
