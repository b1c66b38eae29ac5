import type { Consent } from './types.js';

/** What holds before anyone called `setConsent`. Global Privacy Control is a no, unless the app says yes. */
export function firstConsent(given: Consent | undefined): Consent {
  if (given === 'granted') return given;
  return asksForPrivacy() ? 'denied' : (given ?? 'granted');
}

export function isConsent(state: unknown): state is Consent {
  return state === 'granted' || state === 'denied' || state === 'pending';
}

/** Whether what was said elsewhere at that time is the last word; of the same moment, a denial is. */
export function isNewer(state: unknown, at: number, toldAt: number): boolean {
  return at > toldAt || (at === toldAt && state === 'denied');
}

function asksForPrivacy(): boolean {
  try {
    return (navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl === true;
  } catch {
    return false;
  }
}
