// Web Locks: which page sends what.

import { attempt, inTime, scope } from './scope.js';

/**
 * Who sends what a stream left behind: at most one living tab. Each client holds the lock of its stream, and
 * those of the dead streams that it has taken over. A held lock keeps a page out of the back/forward cache, so
 * all are released in `pagehide`; a mark in the storage, the fence, then says that the stream is only suspended.
 * Who takes the stream over removes the mark, and the page that comes back without finding it begins a new stream.
 *
 * Where there are no locks two tabs may send the same records; the server drops the second copy. Firefox counts as
 * such: it looks for held locks before a release in `pagehide` has reached it (seen in Firefox 153), so a page that
 * ever held one would not come back from the cache. Nothing else tells: the locks are there and work.
 */
export function createLeases(app) {
  const held = new Map();
  /** A lock that was asked for before all were released, and comes after, is not kept. */
  let isReleased = false;

  const request = (locks, stream) =>
    new Promise((resolve, reject) => {
      const hold = (lock) => {
        const isKept = lock !== null && !isReleased;
        resolve(isKept);
        // The lock is held until this promise resolves.
        return isKept ? new Promise((release) => held.set(stream, release)) : undefined;
      };
      // The request itself ends when the lock is released, or fails.
      locks.request(`beaconry:${app}:${stream}`, { ifAvailable: true }, hold).then(resolve, reject);
    });

  return {
    /** Takes the lock of a stream, unless a living tab holds it. */
    async take(stream) {
      if (held.has(stream)) return true;
      const locks = attempt(() => scope.navigator.locks);
      if (typeof locks !== 'object' || scope.mozInnerScreenX !== undefined) return true;
      if (isReleased) return false;
      // Where they are there but refused, as in a sandboxed frame, there is no storage to share. Who is never
      // answered may send what another tab sends: the server drops the second copy.
      return inTime(request(locks, stream)).catch(() => true);
    },
    /** Gives the lock of a stream to whoever asks for it next. */
    leave(stream) {
      held.get(stream)?.();
      held.delete(stream);
    },
    release() {
      isReleased = true;
      held.forEach((release) => release());
      held.clear();
    },
    areReleased: () => isReleased,
    resume() {
      isReleased = false;
    },
  };
}
