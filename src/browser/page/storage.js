// localStorage, the first tier.
//
// It is synchronous, so it is what counts when a page goes. Browsers refuse it in many ways: the property is
// missing, reading it throws, every call throws, or the quota is 0; and they may begin to in the middle of a
// visit. So it is read anew each time.

import { attempt, scope, textOf } from './scope.js';

export const stored = (key) => textOf(attempt(() => scope.localStorage.getItem(key)));
export const removeStored = (key) => attempt(() => scope.localStorage.removeItem(key));
export const store = (key, value) => attempt(() => (scope.localStorage.setItem(key, value), true)) === true;

export function storedKeys(prefix) {
  const keys = [];
  attempt(() => {
    for (let at = 0; at < scope.localStorage.length; at += 1) {
      const key = scope.localStorage.key(at);
      if (textOf(key)?.startsWith(prefix)) keys.push(key);
    }
  });
  return keys;
}

/** `[key, value]` of all whose keys begin with `prefix`. */
export const storedEntries = (prefix) =>
  storedKeys(prefix)
    .map((key) => [key, stored(key)])
    .filter(([, value]) => value !== undefined);

export const wipeStored = () => storedKeys(OURS).forEach(removeStored);

/** How much of localStorage is ours. */
export const storedBytes = () => storedEntries(OURS).reduce((sum, [, value]) => sum + value.length, 0);

/** The entries whose keys are not among the others'. */
export function without(entries, others) {
  const known = new Set(others.map(([key]) => key));
  return entries.filter(([key]) => !known.has(key));
}

/** The beginning of all keys of ours, of every app. */
const OURS = 'beaconry:';
/** The same of chunks: consent is the user's, not the app's. */
export const ANY_SPOOL = 'beaconry:1:';
