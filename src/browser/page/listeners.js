// What a page tells by its events.

import { attempt, scope } from './scope.js';
import { BACK_FROM_CACHE, FREEZE, HIDDEN, ONLINE, PAGE_HIDE, VISIBLE } from './told.js';

/** Listens, and gives what stops it. Nothing where there is no such target: in a worker. */
export function listen(target, name, then) {
  attempt(() => target.addEventListener(name, then, true));
  return () => attempt(() => target.removeEventListener(name, then, true));
}

// At the exit the order is `beforeunload`, `pagehide` on window (the page still says that it is visible),
// `visibilitychange` to hidden; on a phone often only the last one comes. A page that goes into the back/forward
// cache says so in `pagehide`, and comes back with `pageshow`.
export const listenToPage = (say) => [
  listen(scope, 'pagehide', (event) => say(PAGE_HIDE, '', [event.persisted ? 1 : 0])),
  listen(scope, 'pageshow', (event) => event.persisted && say(BACK_FROM_CACHE)),
  listen(scope, 'online', () => say(ONLINE)),
  listen(scope.document, 'visibilitychange', () => say(scope.document.visibilityState === 'hidden' ? HIDDEN : VISIBLE)),
  listen(scope.document, 'freeze', () => say(FREEZE)),
];
