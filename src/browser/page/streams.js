// Who sends what a stream left behind.

import { LET_GO, RECOVERED, STREAM_LOST, attempt, inTime, joined, scope } from './scope.js';
import { ANY_SPOOL, removeStored, store, stored, storedEntries, storedKeys, without } from './stores.js';

export * from './stores.js';

// ---- Web Locks ----

/**
 * Who sends what a stream left behind: at most one living tab. Each client holds the lock of its stream, and
 * those of the dead streams that it has taken over. A held lock keeps a page out of the back/forward cache, so
 * all are released in `pagehide`; a mark in the storage, the fence, then says that the stream is only suspended.
 * Who takes the stream over removes the mark, and the page that comes back without finding it begins a new stream.
 *
 * Where there are no locks two tabs may send the same records; the server drops the second copy. Firefox counts as
 * such: it looks for held locks before a release in `pagehide` has reached it (seen in Firefox 153), so a page that
 * ever held one would not come back from the cache. Nothing else tells: the locks are there and work.
 *
 * `before` settles when this page has released those that it held before: until then it would take itself for another.
 */
export function createLeases(app, before) {
  const held = new Map();
  /** For each lock that was asked for, when it is free again. */
  const ends = [before];
  /** A lock that was asked for before all were released, and comes after, is not kept. */
  let isReleased = false;

  async function request(locks, stream) {
    await before;
    if (isReleased) return false;
    return new Promise((resolve, reject) => {
      const hold = (lock) => {
        const isKept = lock !== null && !isReleased;
        resolve(isKept);
        // The lock is held until this promise resolves.
        return isKept ? new Promise((release) => held.set(stream, release)) : undefined;
      };
      // The request itself ends when the lock is released, or fails.
      ends.push(locks.request(`beaconry:${app}:${stream}`, { ifAvailable: true }, hold).then(resolve, reject));
    });
  }

  return {
    /** Takes the lock of a stream, unless a living tab holds it. */
    async take(stream) {
      if (held.has(stream)) return true;
      const locks = attempt(() => scope.navigator.locks);
      if (typeof locks !== 'object' || scope.mozInnerScreenX !== undefined) return true;
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
      return Promise.all(ends);
    },
    areReleased: () => isReleased,
    resume() {
      isReleased = false;
    },
  };
}

// ---- What earlier pages left, and what this page leaves to others ----

/** Takes over the streams of an app that no page sends any more; `here` is what is in use of this page. */
export function createRecovery(app, say) {
  const spool = `${ANY_SPOOL}${app}:`;
  const fence = (stream) => `beaconry:fence:${app}:${stream}`;
  const streamOf = (key) => /^([0-9a-f]{32}):\d+$/.exec(key.slice(spool.length))?.[1];
  let own = '';

  function takeFence(stream) {
    const stands = stored(fence(stream)) !== undefined;
    removeStored(fence(stream));
    return stands;
  }

  /** Of both tiers, or of the first only. A chunk found in both is one chunk, as localStorage has it. */
  async function entries(here, isBoth) {
    const journalled = isBoth ? await here.journal.entries(spool) : [];
    const local = storedEntries(spool);
    return [...local, ...without(journalled, local)];
  }

  function loseStream(here) {
    here.journal.forgetPending();
    say(STREAM_LOST);
  }

  /** Holds the lock of the own stream, or begins a new one where another page has it: this page was off. */
  async function keepOwn(here) {
    if ((await here.leases.take(own)) || here.leases.areReleased()) return;
    loseStream(here);
    await here.leases.take(own);
  }

  /** Asks for the locks first and reads then: whoever held a lock may have sent some of it. */
  async function takeOver(here, isBoth) {
    const seen = new Set([own, undefined]);
    const taken = new Set();
    const foreign = [];
    const found = await entries(here, isBoth);
    const ours = new Set(found.map(([key, value]) => value.startsWith(here.head) && streamOf(key)));
    for (const [key] of found) {
      const stream = streamOf(key);
      if (seen.has(stream)) continue;
      seen.add(stream);
      if (!(await here.leases.take(stream))) continue;
      taken.add(stream);
      // What is meant for another endpoint is looked at, for its age, and left to those who may send it.
      ours.has(stream) ? takeFence(stream) : foreign.push(stream);
    }
    if (taken.size === 0) return;
    const left = (await entries(here, isBoth)).filter(([key]) => taken.has(streamOf(key)));
    // The client may have been switched off, or denied, in the meantime.
    if (!here.isOver) say(RECOVERED, joined(left.flat()));
    foreign.forEach(here.leases.leave);
  }

  /** What localStorage has at once, and what only the journal has when that is open. */
  async function adopt(here) {
    do {
      here.isAskedAgain = false;
      await keepOwn(here);
      await takeOver(here, false);
      await takeOver(here, true);
    } while (here.isAskedAgain && !here.leases.areReleased());
  }

  function begin(here) {
    if (here.leases.areReleased()) return;
    here.isAskedAgain = true;
    if (here.isAdopting) return;
    here.isAdopting = true;
    here.work = adopt(here).catch(() => {}).then(() => { here.isAdopting = false; });
  }

  return {
    /** Says which stream is the own one. */
    setOwn(stream) {
      own = stream;
    },
    begin,
    /** The page goes: locks would keep it from coming back. The fence stands if there is anything to take over. */
    suspend(here, isFenced) {
      if (isFenced && here.isLocal) store(fence(own), 'suspended');
      here.leases.release();
    },
    /** The page is back: either its stream is still its own, or it begins a new one. */
    resume(here, hasSpooled) {
      here.leases.resume();
      const stands = takeFence(own);
      say(LET_GO);
      // Without the fence somebody has taken the stream over, unless the app has cleared its storage: then what was
      // in it is only here.
      if (hasSpooled && !stands && storedKeys(spool + own).length > 0) loseStream(here);
      begin(here);
    },
  };
}
