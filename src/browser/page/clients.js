// What one client does with its page: storages, locks, requests, timers, listeners.
//
// JavaScript, since a browser is asked in JavaScript: the same through wasm-bindgen's types takes four times
// the bytes. The engine says what is done; `tell(page, what, text, numbers)` says what happened. Nothing in here
// throws, but for a clock that an app has broken: what a browser refuses, or an app has replaced by something that
// throws, is an ordinary answer.

import { createRequests } from './requests.js';
import { BACK_FROM_CACHE, BEFORE_UNLOAD, FREEZE, HIDDEN, ONLINE, PAGE_HIDE, VISIBLE, WAKE, WIPED, attempt, joined, pageUrl, platform, scope } from './scope.js';
import { ANY_SPOOL, createLeases, createRecovery, deleteDatabase, openJournal } from './streams.js';
import { removeStored, store, stored, storedEntries, wipeStored, without } from './streams.js';

// All that the wasm asks for comes from here, and `streams.js` gives on what `stores.js` has: wasm-bindgen's test
// runner serves few connections at once and hangs beyond them, so no script waits for more than three others.
export { answerNumbers, answerTexts, hasFetchLater } from './requests.js';
export { elapsed, numberText, randomBits, wallTime } from './scope.js';
export { storedBytes } from './streams.js';

/** One of the texts, by the numbers of `page.rs`; empty where there is none. */
export const readText = (what, key) => [pageUrl, platform, stored][what](key) ?? '';

/** The pages of clients, by their numbers: a number needs less between the wasm and here than an object does. */
const pages = [];
let tell;

/** Says who is told what happens. */
export const connect = (to) => {
  tell = to;
};

/** A page for one client: its number. */
export const createPage = (app, endpoint, token) => pages.push(onePage(pages.length, app, endpoint, token)) - 1;

/** Does one of the commands. The wasm takes no other value for a number: not what the app's own console gave back. */
export const perform = (page, what, text, more, number) => {
  const result = attempt(() => pages[page].commands[what](text, more, number));
  return typeof result === 'number' ? result : Number(result === true);
};

/** A promise of the word for a ticket, which may have been told already. */
export const promise = (page, ticket) => pages[page].promise(ticket);

/** Lets go of all that the clients of an instance hold that has broken: nobody else can. */
export const endAll = () => pages.forEach(({ commands }) => attempt(commands[commands.length - 1]));

function onePage(page, app, endpoint, token) {
  /** By ticket: who waits for a word, or the word that nobody waits for yet. */
  const promises = new Map();
  let timer;
  /** What is there while the client is on and allowed to, and gone without a trace after it. */
  let attached;
  let stopWatching;
  let isEnded = false;

  const say = (what, text = '', numbers = []) => {
    if (!isEnded) tell(page, what, text, new Float64Array(numbers));
  };
  const recovery = createRecovery(app, say);
  /** When the locks that were held are free again. */
  let released;

  function detach() {
    const was = attached;
    attached = undefined;
    if (was === undefined) return;
    was.isOver = true;
    was.listeners.forEach((stop) => stop());
    stopWatching?.();
    stopWatching = undefined;
    released = was.leases.release();
    was.journal.close(was.work);
  }

  const sayWiped = (entries) => say(WIPED, joined(entries.flat()));

  async function wipeJournal(here, local) {
    const journalled = await here.journal.entries(ANY_SPOOL);
    here.journal.wipe();
    sayWiped(without(journalled, local));
  }

  const sleep = () => {
    attempt(() => scope.clearTimeout(timer));
    timer = undefined;
  };

  /** Each takes a text, one more, and a number; 0 where it needs none of them. Their places are their numbers. */
  const commands = [
    /** Begins to use the page and its storage, where `head` begins what the client may send. */
    function attach(head) {
      detach();
      const isLocal = store(PROBE, '1') && stored(PROBE) === '1';
      removeStored(PROBE);
      const listeners = listenToPage(say);
      const leases = createLeases(app, released);
      attached = { head, isLocal, listeners, leases, journal: openJournal(), work: undefined };
    },
    /** Lets go of the page: no listener, no lock, no database. What waits stays in the spool. */
    detach,
    recovery.setOwn,
    () => attached && recovery.begin(attached),
    (_, __, isFenced) => attached && recovery.suspend(attached, isFenced),
    (_, __, hasSpooled) => attached && recovery.resume(attached, hasSpooled),
    function watchBeforeUnload(_, __, isWanted) {
      stopWatching?.();
      const isHere = isWanted && attached !== undefined;
      stopWatching = isHere ? listen(scope, 'beforeunload', () => say(BEFORE_UNLOAD)) : undefined;
    },
    /** Writes a chunk to both tiers; `fits` says whether localStorage has room. 0 if it has not got it. */
    function write(key, value, fits) {
      if (attached === undefined) return 0;
      attached.journal.set(key, value);
      const isLocal = fits && attached.isLocal && store(key, value);
      // It is all that there is: not a moment is gathered.
      if (!isLocal) attached.journal.commit();
      return isLocal ? 1 : 0;
    },
    function remove(key) {
      if (attached === undefined) return;
      attached.journal.set(key, undefined);
      removeStored(key);
    },
    function keep(key, value) {
      if (attached?.isLocal) store(key, value);
    },
    /** Puts off what is gathered for the second tier: the page may be about to go. */
    () => attached?.journal.putOff(),
    /** Writes to the second tier now: the page may be frozen next. A page that goes does not. */
    function commit() {
      if (attached?.leases.areReleased() === false) attached.journal.commit();
    },
    /** Removes all that is there, at once where that can be done, and says what it was. */
    function wipe() {
      const local = storedEntries(ANY_SPOOL);
      wipeStored();
      // Where nothing is in use nothing is begun for this.
      if (attached === undefined) deleteDatabase();
      sayWiped(local);
      const here = attached;
      if (here !== undefined) here.work = Promise.all([here.work, wipeJournal(here, local)]);
    },
    /** What is in use: 1 is localStorage, 2 IndexedDB, 4 the page at all. */
    () => attached && 4 + (attached.isLocal ? 1 : 0) + (attached.journal.isUsable() ? 2 : 0),
    /** Wakes the engine, instead of at any time set before. A page without timers any more has the spool. */
    function wakeIn(_, __, delay) {
      sleep();
      timer = attempt(() => scope.setTimeout(() => say(WAKE), Math.min(delay, LONGEST)));
    },
    /** The timers of a page that goes never fire; what is promised still happens. */
    function wakeSoon() {
      sleep();
      void Promise.resolve().then(() => say(WAKE));
    },
    sleep,
    ...createRequests(endpoint, token, say),
    /** Tells who waits under a ticket. */
    function settle(ticket, word) {
      promises.get(ticket)?.(word);
      promises.delete(ticket) || promises.set(ticket, word);
    },
    warn,
    /**
     * The client was freed, or has broken: nothing is told any more. What is on its way goes on, since nobody may come
     * after it in this page; of what the next one sends again the server drops the second copy. Always the last.
     */
    function end() {
      detach();
      sleep();
      isEnded = true;
    },
  ];

  return {
    commands,
    promise: (ticket) =>
      new Promise((resolve) => {
        const word = promises.get(ticket);
        if (word === undefined) return promises.set(ticket, resolve);
        promises.delete(ticket);
        resolve(word);
      }),
  };
}

const warn = (message) => attempt(() => scope.console.warn(message));

const PROBE = 'beaconry:probe';
/** `setTimeout` takes a signed 32-bit number and fires at once beyond it. */
const LONGEST = 86_400_000;

// ---- Events of the page ----

/** Listens, and gives what stops it. Nothing where there is no such target: in a worker. */
function listen(target, name, then) {
  attempt(() => target.addEventListener(name, then, true));
  return () => attempt(() => target.removeEventListener(name, then, true));
}

// At the exit the order is `beforeunload`, `pagehide` on window (the page still says that it is visible),
// `visibilitychange` to hidden; on a phone often only the last one comes. A page that goes into the back/forward
// cache says so in `pagehide`, and comes back with `pageshow`.
const listenToPage = (say) => [
  listen(scope, 'pagehide', (event) => say(PAGE_HIDE, '', [event.persisted ? 1 : 0])),
  listen(scope, 'pageshow', (event) => event.persisted && say(BACK_FROM_CACHE)),
  listen(scope, 'online', () => say(ONLINE)),
  listen(scope.document, 'visibilitychange', () => say(scope.document.visibilityState === 'hidden' ? HIDDEN : VISIBLE)),
  listen(scope.document, 'freeze', () => say(FREEZE)),
];
