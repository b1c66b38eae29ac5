// What one client does with its page: storages, locks, requests, timers, listeners.
//
// JavaScript, since a browser is asked in JavaScript: the same through wasm-bindgen's types takes four times
// the bytes. The engine says what is done; `tell(page, what, text, numbers)` says what happened. Nothing in here
// throws, but for a clock that an app has broken: what a browser refuses, or an app has replaced by something that
// throws, is an ordinary answer.
//
// One file: to a Rust app wasm-bindgen carries a script as it is, and follows none of its imports.
//
// The numbers of what happened, here and in `shell.rs`.
const HIDDEN = 0;
const PAGE_HIDE = 1;
const FREEZE = 2;
const BEFORE_UNLOAD = 3;
const VISIBLE = 4;
const BACK_FROM_CACHE = 5;
const ONLINE = 6;
const WAKE = 7;
const ANSWERED = 8;
const RECOVERED = 9;
const WIPED = 10;
const LET_GO = 11;
const STREAM_LOST = 12;

// The numbers of what is done are the places in `commands`, at the end of this file.

const OURS = 'beaconry:';
/** The beginning of the keys of every app of the origin: consent is the user's, not the app's. */
const ANY_SPOOL = 'beaconry:1:';
const PROBE = 'beaconry:probe';
const DATABASE = 'beaconry';
const CHUNKS = 'chunks';
/** Long enough to gather a burst, short enough to lose little when the browser is killed. */
const GATHERED_FOR = 25;
/** Longer than it takes to leave a page; who stays after all has it written then. */
const PUT_OFF_FOR = 2_000;
/** How long an answer of the browser is waited for. */
const LONGEST_SILENCE = 5_000;
/** More than a browser that works lets come together. */
const MOST_PENDING = 2_000;
/** From here on compressing saves more than it costs. */
const WORTH_COMPRESSING = 1_024;
/** `setTimeout` takes a signed 32-bit number and fires at once beyond it. */
const LONGEST = 86_400_000;

const scope = globalThis;

/** What `body` returns; nothing if it throws. */
function attempt(body) {
  try {
    return body();
  } catch {
    return undefined;
  }
}

/** The wasm takes no other value for a text; and a NUL stands between texts. */
const textOf = (value) => (typeof value === 'string' ? value : undefined);
const joined = (texts) => texts.map((text) => text.replaceAll('\0', '\ufffd')).join('\0');

// ---- What is asked without a client ----

/**
 * Milliseconds that only go forward; of the wall clock where there is no other. The one thing that may throw: a clock
 * that is broken by an app breaks the instance, for one that jumps to another origin would spoil every time after it.
 */
const clock = attempt(() => scope.performance) ?? Date;
export const elapsed = () => clock.now();
export const wallTime = () => Date.now();
/** 32 random bits. */
export const randomBits = () => {
  const bits = attempt(() => scope.crypto.getRandomValues(new Uint32Array(1))[0]);
  return typeof bits === 'number' ? bits : Math.floor(Math.random() * 2 ** 32);
};
/** The URL of the page; in a worker that of its script. */
export const pageUrl = () => textOf(attempt(() => scope.location.href));
export const hasFetchLater = () => typeof attempt(() => scope.fetchLater) === 'function';
const warn = (message) => attempt(() => scope.console.warn(message));
/** A number as text: the shortest form of the browser is the form of JSON. */
export const numberText = (value) => `${value}`;
export const stored = (key) => textOf(attempt(() => scope.localStorage.getItem(key)));

/** User agent, language, platform, kind of device, viewport; each may be empty. */
export function platform() {
  const said = (name) => textOf(attempt(() => scope.navigator[name])) ?? '';
  const agent = said('userAgent');
  // A word for the dashboard; the server looks closer.
  const device = agent && (/iPad|Tablet/.test(agent) ? 'tablet' : agent.includes('Mobi') ? 'mobile' : 'desktop');
  const size = ['innerWidth', 'innerHeight'].map((name) => attempt(() => scope[name]));
  const viewport = size.every((side) => typeof side === 'number' && side >= 0) ? size.map(Math.trunc).join('x') : '';
  return joined([agent, said('language'), said('platform'), device, viewport]);
}

// ---- localStorage ----
//
// It is synchronous, so it is what counts when a page goes. Browsers refuse it in many ways: the property is
// missing, reading it throws, every call throws, or the quota is 0; and they may begin to in the middle of a
// visit. So it is read anew each time.

const removeStored = (key) => attempt(() => scope.localStorage.removeItem(key));
const store = (key, value) => attempt(() => (scope.localStorage.setItem(key, value), true)) === true;

function storedKeys(prefix) {
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
const storedEntries = (prefix) =>
  storedKeys(prefix)
    .map((key) => [key, stored(key)])
    .filter(([, value]) => value !== undefined);

const wipeStored = () => storedKeys(OURS).forEach(removeStored);

/** How much of localStorage is ours. */
export const storedBytes = () => storedEntries(OURS).reduce((sum, [, value]) => sum + value.length, 0);

/** Browsers have left requests for a database or a lock without any answer: such a one fails. */
function inTime(promise) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = attempt(() => scope.setTimeout(reject, LONGEST_SILENCE));
  });
  return Promise.race([promise, tooLate]).finally(() => attempt(() => scope.clearTimeout(timer)));
}

// ---- IndexedDB ----

const deleteDatabase = () => attempt(() => scope.indexedDB.deleteDatabase(DATABASE));

/**
 * The second tier. Browsers write localStorage to disk seconds later, IndexedDB at once, so this tier survives the
 * browser being killed. Writes are gathered and committed together. What it refuses is no error: localStorage has
 * it, or the memory.
 */
function openJournal() {
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
 */
function createLeases(app) {
  const held = new Map();
  /** A lock that was asked for before all were released, and comes after, is not kept. */
  let isReleased = false;

  const request = (locks, stream, steals) =>
    new Promise((resolve, reject) => {
      const hold = (lock) => {
        const isKept = lock !== null && !isReleased;
        resolve(isKept);
        // The lock is held until this promise resolves.
        return isKept ? new Promise((release) => held.set(stream, release)) : undefined;
      };
      // The request itself ends when the lock is released, or fails.
      locks.request(`beaconry:${app}:${stream}`, { [steals ? 'steal' : 'ifAvailable']: true }, hold).then(resolve, reject);
    });

  return {
    /** Takes the lock of a stream, unless a living tab holds it; `steals` takes it even then. */
    async take(stream, steals) {
      if (held.has(stream)) return true;
      const locks = attempt(() => scope.navigator.locks);
      if (typeof locks !== 'object' || scope.mozInnerScreenX !== undefined) return true;
      if (isReleased) return false;
      // Where they are there but refused, as in a sandboxed frame, there is no storage to share. Who is never
      // answered may send what another tab sends: the server drops the second copy.
      return inTime(request(locks, stream, steals)).catch(() => true);
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

// ---- Answers ----

/** Codes that mean the same to a client are one to it: all but these are tried again later. */
const ERRORS = ['too_large', 'unauthorized', 'origin_not_allowed', 'upgrade', 'invalid_json', 'invalid_body'];

/**
 * What the parsed body of a response says, flat, as `answer.rs` takes it: texts and numbers. Nothing if it is no
 * answer of ours: a field of a type that it cannot have makes the whole of it nobody's. Only what the client acts
 * on is read; what it does not know is left alone.
 */
function flatAnswer(json) {
  let isOurs = true;
  const of = (type, value) => {
    if (typeof value === type) return value;
    isOurs &&= value === undefined || value === null;
    return undefined;
  };
  const number = (value) => of('number', value) ?? NaN;
  const whole = (value) => {
    const given = number(value);
    isOurs &&= Number.isNaN(given) ? typeof value !== 'number' : Number.isSafeInteger(given) && given >= 0;
    return given;
  };
  const place = (value) => {
    isOurs &&= value !== undefined && value !== null;
    return whole(value);
  };
  const list = (value) => {
    isOurs &&= value === undefined || value === null || Array.isArray(value);
    return Array.isArray(value) ? [...value] : [];
  };
  return attempt(() => {
    const error = of('string', json.error);
    const flag = json.remote?.features?.TELEMETRY;
    const sampling = json.remote?.sampling;
    const texts = [of('string', json.stream) ?? '', of('string', json.message) ?? ''];
    const ranges = list(json.acknowledged).map((range) => [place(range?.[0]), place(range?.[1])]);
    const rejected = [];
    for (const result of list(json.results)) {
      const index = place(result?.index);
      if (of('string', result?.verdict) !== 'rejected') continue;
      rejected.push(index);
      texts.push(of('string', result.reason) ?? '');
    }
    const numbers = [
      whole(json.beaconry),
      error === undefined ? 0 : ERRORS.indexOf(error) + 2,
      whole(json.retryAfterMs),
      whole(json.serverTime),
      json.remote === undefined ? 0 : 1,
      of('string', flag?.phase) === 'DISABLED' ? 1 : 0,
      number(flag?.rollout),
      number(sampling?.sampleRate),
      number(sampling?.tracesSampleRate),
      ranges.length,
      ...ranges.flat(),
      ...rejected,
    ];
    return isOurs && numbers[0] > 0 && numbers[0] < 2 ** 32 ? { texts, numbers } : undefined;
  });
}

// For the tests in `tests/web`.
export const answerTexts = (json) => attempt(() => joined(flatAnswer(json).texts));
export const answerNumbers = (json) => new Float64Array(flatAnswer(json)?.numbers ?? []);

/** Milliseconds of a `Retry-After`: seconds, or a date. Nothing is `NaN`. */
function retryAfter(value) {
  const millis = /^\d{1,9}$/.test(value) ? value * 1_000 : Date.parse(value) - Date.now();
  return millis > 0 ? millis : NaN;
}

// ---- One client ----

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

function onePage(page, app, endpoint, token) {
  const spool = `${ANY_SPOOL}${app}:`;
  const fence = (stream) => `beaconry:fence:${app}:${stream}`;
  const streamOf = (key) => /^([0-9a-f]{32}):\d+$/.exec(key.slice(spool.length))?.[1];
  /** By ticket: who waits for a word, or the word that nobody waits for yet. */
  const promises = new Map();
  const flights = new Map();
  /** Bodies that are being compressed and have not left yet. */
  const compressing = new Map();
  /** What was handed to the browser for later. */
  let later = [];
  /** Whether compressed bodies are made and understood here, as far as is known. */
  let canGzip = true;
  let timer;
  /** What is there while the client is on and allowed to, and gone without a trace after it. */
  let attached;
  let stopWatching;
  let own = '';
  let isEnded = false;

  const say = (what, text = '', numbers = []) => {
    if (!isEnded) tell(page, what, text, new Float64Array(numbers));
  };
  const pairs = (entries) => joined(entries.flat());

  // -- The page --

  /** Listens, and gives what stops it. Nothing where there is no such target: in a worker. */
  function listen(target, name, then) {
    attempt(() => target.addEventListener(name, then, true));
    return () => attempt(() => target.removeEventListener(name, then, true));
  }

  // At the exit the order is `beforeunload`, `pagehide` on window (the page still says that it is visible),
  // `visibilitychange` to hidden; on a phone often only the last one comes. A page that goes into the back/forward
  // cache says so in `pagehide`, and comes back with `pageshow`.
  const listenToPage = () => [
    listen(scope, 'pagehide', (event) => say(PAGE_HIDE, '', [event.persisted ? 1 : 0])),
    listen(scope, 'pageshow', (event) => event.persisted && say(BACK_FROM_CACHE)),
    listen(scope, 'online', () => say(ONLINE)),
    listen(scope.document, 'visibilitychange', () => say(scope.document.visibilityState === 'hidden' ? HIDDEN : VISIBLE)),
    listen(scope.document, 'freeze', () => say(FREEZE)),
  ];

  function detach() {
    const was = attached;
    attached = undefined;
    if (was === undefined) return;
    was.listeners.forEach((stop) => stop());
    stopWatching?.();
    stopWatching = undefined;
    was.leases.release();
    was.journal.close(was.work);
  }

  function takeFence(stream) {
    const stands = stored(fence(stream)) !== undefined;
    removeStored(fence(stream));
    return stands;
  }

  // -- What earlier pages left --

  /** Of both tiers, or of the first only. A chunk found in both is one chunk, as localStorage has it. */
  async function entries(here, isBoth) {
    const journalled = isBoth ? await here.journal.entries(spool) : [];
    const local = storedEntries(spool);
    const known = new Set(local.map(([key]) => key));
    return [...local, ...journalled.filter(([key]) => !known.has(key))];
  }

  function loseStream(here) {
    here.journal.forgetPending();
    say(STREAM_LOST);
  }

  /** Holds the lock of the own stream, or begins a new one where another page has it: this page was off. */
  async function keepOwn(here) {
    if ((await here.leases.take(own, false)) || here.leases.areReleased()) return;
    loseStream(here);
    await here.leases.take(own, false);
  }

  /** Asks for the locks first and reads then: whoever held a lock may have sent some of it. */
  async function takeOver(here, isBoth) {
    const seen = new Set([own, undefined]);
    const taken = new Set();
    for (const [key] of await entries(here, isBoth)) {
      const stream = streamOf(key);
      if (seen.has(stream)) continue;
      seen.add(stream);
      if (!(await here.leases.take(stream, stream === here.inherits))) continue;
      takeFence(stream);
      taken.add(stream);
    }
    if (taken.size === 0) return;
    const left = (await entries(here, isBoth)).filter(([key]) => taken.has(streamOf(key)));
    // The client may have been switched off, or denied, in the meantime.
    if (attached === here) say(RECOVERED, pairs(left));
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

  function beginToAdopt() {
    const here = attached;
    if (here === undefined || here.leases.areReleased()) return;
    here.isAskedAgain = true;
    if (here.isAdopting) return;
    here.isAdopting = true;
    here.work = adopt(here).catch(() => {}).then(() => { here.isAdopting = false; });
  }

  async function wipeJournal(here, local) {
    const journalled = await here.journal.entries(ANY_SPOOL);
    here.journal.wipe();
    const known = new Set(local.map(([key]) => key));
    say(WIPED, pairs(journalled.filter(([key]) => !known.has(key))));
  }

  // -- Requests --

  /** A preflight may not come back before the page is gone; a simple request to another origin needs none. */
  function isSimple(isExit) {
    const origin = attempt(() => scope.location.origin);
    const isPath = endpoint[0] === '/' && endpoint[1] !== '/';
    const isSame = typeof origin === 'string' && (isPath || endpoint.startsWith(`${origin}/`));
    return isExit && !isSame;
  }

  /** The arguments of `fetch`. */
  function request(body, isExit, isGzip, abort) {
    const simple = isSimple(isExit);
    // An app's additions to `Object.prototype` are no options of ours.
    const headers = { __proto__: null, 'Content-Type': simple ? 'text/plain' : 'application/json' };
    if (token !== undefined && !simple) headers['X-Telemetry-Token'] = token;
    if (isGzip) headers['Content-Encoding'] = 'gzip';
    const inQuery = token !== undefined && simple;
    const url = inQuery ? `${endpoint}${endpoint.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}` : endpoint;
    const init = { __proto__: null, method: 'POST', body, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' };
    init.signal = abort?.signal;
    return [url, init];
  }

  const controller = () => attempt(() => new AbortController());

  /** Every answer is read to its end: an unread one can hold its share of the keepalive bytes. */
  async function post(id, body, keepalive, isExit, isGzip) {
    const abort = controller();
    flights.set(id, abort);
    let wait = NaN;
    let answer;
    try {
      const [url, init] = request(body, isExit, isGzip, abort);
      if (keepalive) init.keepalive = true;
      // Whatever `fetch` is by now: an app may have replaced it with one that throws, or that gives back no promise.
      const response = await scope.fetch(url, init);
      const text = await response.text();
      wait = retryAfter(response.headers.get('Retry-After') ?? '');
      answer = flatAnswer(attempt(() => JSON.parse(text)));
      // An answer that says yes comes with a status that says so too.
      if (!response.ok && answer?.numbers[1] === 0) answer = undefined;
    } catch {
      // No network, a refusal, an abort: it tells nothing but that it has to be tried again.
      answer = undefined;
    }
    // Never within the call that has asked for it.
    await undefined;
    flights.delete(id);
    // What cannot be read may have been the way: from then on it goes as it is.
    if (ERRORS[answer?.numbers[1] - 2]?.startsWith('invalid_')) canGzip = false;
    say(ANSWERED, answer && joined(answer.texts), [Number(id), wait, ...(answer?.numbers ?? [])]);
  }

  function packed(body) {
    if (body.length < WORTH_COMPRESSING) return undefined;
    return attempt(() => {
      const stream = new CompressionStream('gzip');
      return new Response(new Response(body).body.pipeThrough(stream)).arrayBuffer();
    });
  }

  /** Takes a body that is being compressed, unless it has left as it was, or was given up. */
  function taken(id) {
    const unsent = compressing.get(id);
    compressing.delete(id);
    return unsent;
  }

  // -- Commands. Each takes a text, one more, and a number; 0 where it needs none of them. --

  const sleep = () => {
    attempt(() => scope.clearTimeout(timer));
    timer = undefined;
  };

  const commands = [
    /** Begins to use the page and its storage, as the heir of a stream or of none. */
    function attach(inherits) {
      detach();
      const isLocal = store(PROBE, '1') && stored(PROBE) === '1';
      removeStored(PROBE);
      const listeners = listenToPage();
      attached = { inherits, isLocal, listeners, leases: createLeases(app), journal: openJournal(), work: undefined };
    },
    /** Lets go of the page: no listener, no lock, no database. What waits stays in the spool. */
    detach,
    /** Says which stream is the own one. */
    function setOwn(stream) {
      own = stream;
    },
    beginToAdopt,
    /** The page goes: locks would keep it from coming back. The fence stands if there is anything to take over. */
    function suspend(_, __, isFenced) {
      if (attached === undefined) return;
      if (isFenced && attached.isLocal) store(fence(own), 'suspended');
      attached.leases.release();
    },
    /** The page is back: either its stream is still its own, or it begins a new one. */
    function resume(_, __, hasSpooled) {
      if (attached === undefined) return;
      attached.leases.resume();
      const stands = takeFence(own);
      say(LET_GO);
      // Without the fence somebody has taken the stream over, unless the app has cleared its storage: then what was
      // in it is only here.
      if (hasSpooled && !stands && storedKeys(spool + own).length > 0) loseStream(attached);
      beginToAdopt();
    },
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
      say(WIPED, pairs(local));
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
    /** Posts a body, in one of the manners: 1 outlives the page, 2 is the last that it does. Compressed where there is
     * time, plain where the page may go first. */
    function send(id, body, manner) {
      const [keepalive, isExit] = [(manner & 1) > 0, (manner & 2) > 0];
      const packing = isExit || !canGzip ? undefined : packed(body);
      if (packing === undefined) return void post(id, body, keepalive, isExit, false);
      compressing.set(id, { body, keepalive });
      const leave = (bytes) => {
        const unsent = taken(id);
        if (unsent !== undefined) void post(id, bytes ?? unsent.body, unsent.keepalive, false, bytes !== undefined);
      };
      packing.then(leave, () => leave());
    },
    /** Posts what is being compressed as it is, as far as it would outlive the page. */
    function hurry() {
      for (const [id, { body, keepalive }] of [...compressing]) {
        if (!keepalive) continue;
        compressing.delete(id);
        void post(id, body, true, true, false);
      }
    },
    function abort(id) {
      // It took as long as a request may: what compresses here does not end.
      if (taken(id) !== undefined) canGzip = false;
      flights.get(id)?.abort();
      flights.delete(id);
    },
    /** Hands a body to the browser, to be posted when the page is gone. A refusal costs nothing. */
    function sendLater(body) {
      const controlled = controller();
      later.push(controlled);
      scope.fetchLater(...request(body, true, false, controlled));
    },
    function takeBack() {
      const given = later;
      later = [];
      given.forEach((controlled) => attempt(() => controlled.abort()));
    },
    /** Tells who waits under a ticket. */
    function settle(ticket, word) {
      promises.get(ticket)?.(word);
      promises.delete(ticket) || promises.set(ticket, word);
    },
    warn,
    /** The client was freed: nothing is told any more. */
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
