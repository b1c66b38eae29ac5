// Both tiers of the storage: localStorage, and IndexedDB.

import { attempt, inTime, scope, textOf } from './scope.js';

// ---- localStorage ----
//
// It is synchronous, so it is what counts when a page goes. Browsers refuse it in many ways: the property is
// missing, reading it throws, every call throws, or the quota is 0; and they may begin to in the middle of a
// visit. So it is read anew each time.

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

// ---- IndexedDB ----

export const deleteDatabase = () => attempt(() => scope.indexedDB.deleteDatabase(DATABASE));

/**
 * The second tier. Browsers write localStorage to disk seconds later, IndexedDB at once, so this tier survives the
 * browser being killed. Writes are gathered and committed together. What it refuses is no error: localStorage has
 * it, or the memory.
 */
export function openJournal() {
  let database;
  let isGone = false;
  /** What is not written yet, in order: a key, and its value or nothing. */
  let pending = [];
  let timer;

  /** What is left is localStorage, or the memory. */
  function giveUp() {
    isGone = true;
    pending = [];
    attempt(() => database.close());
    database = undefined;
  }

  /** The store, in a transaction of its own. Another tab is never kept waiting for the disk. */
  const chunks = (mode) => database.transaction(CHUNKS, mode, { durability: 'relaxed' }).objectStore(CHUNKS);

  /** Settles when a request has ended. To be asked for at once: what has happened is not told again. */
  const ended = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = reject;
    });

  function commit() {
    attempt(() => scope.clearTimeout(timer));
    if (pending.length === 0 || (database === undefined && !isGone)) return;
    const writes = pending;
    pending = [];
    try {
      const target = chunks('readwrite');
      for (const [key, value] of writes) value === undefined ? target.delete(key) : target.put(value, key);
      // It ends without this page, which may be frozen next: another page would wait for it, and browsers end a
      // cached page that keeps others waiting.
      attempt(() => target.transaction.commit());
    } catch {
      giveUp();
    }
  }

  function commitIn(delay) {
    attempt(() => scope.clearTimeout(timer));
    timer = attempt(() => scope.setTimeout(commit, delay));
  }

  async function open() {
    const request = scope.indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(CHUNKS);
    database = await ended(request);
    if (isGone) return database.close();
    // A transaction that was aborted had no room; who wants to delete the database is not kept waiting by us.
    database.onabort = database.onversionchange = database.onclose = giveUp;
    commit();
  }

  const opening = inTime(open()).catch(giveUp);

  return {
    isUsable: () => !isGone,
    commit,
    /** Writes a chunk, soon; or removes one. */
    set(key, value) {
      if (isGone) return;
      // It never opened.
      if (pending.length >= MOST_PENDING) return giveUp();
      if (pending.push([key, value]) === 1) commitIn(GATHERED_FOR);
    },
    /** The page may be about to go, and a transaction that is under way then keeps it out of the cache. */
    putOff() {
      if (pending.length > 0) commitIn(PUT_OFF_FOR);
    },
    /** Forgets what is not written yet: it is in other hands. */
    forgetPending() {
      pending = [];
    },
    async entries(prefix) {
      await opening;
      commit();
      try {
        const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
        const source = chunks('readonly');
        // One promise for both: the second must not reject where nobody waits for it.
        const [keys, values] = await Promise.all([ended(source.getAllKeys(range)), ended(source.getAll(range))]);
        return keys.map((key, at) => [key, values[at]]).filter(([, value]) => typeof value === 'string');
      } catch {
        return [];
      }
    },
    /** Removes everything, of every app. */
    wipe() {
      pending = [];
      try {
        chunks('readwrite').clear();
      } catch {
        deleteDatabase();
      }
    },
    /** Writes what is gathered, and ends when nobody reads from it any more. */
    close(work) {
      commit();
      void Promise.allSettled([opening, work]).then(() => {
        commit();
        giveUp();
      });
    },
  };
}

const DATABASE = 'beaconry';
const CHUNKS = 'chunks';
/** Long enough to gather a burst, short enough to lose little when the browser is killed. */
const GATHERED_FOR = 25;
/** Longer than it takes to leave a page; who stays after all has it written then. */
const PUT_OFF_FOR = 2_000;
/** More than a browser that works lets come together. */
const MOST_PENDING = 2_000;
