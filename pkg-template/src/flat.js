// What an app passes, as one text that the wasm reads from its beginning to its end; and what the wasm says of itself,
// with its names.
//
// One text costs one crossing into the wasm, where each value by itself costs several. It is a row of pieces, each
// a letter, what it holds, and a NUL; `flat.rs` reads them. Nothing in here throws, whatever it is given, and the
// text is bounded: in keys, in depth and in characters.

/** The fields of what can be told, by the numbers of `client.rs`. Those of an error are read off what was thrown. */
const FIELDS = [
  ['level', 'message'],
  ['name', 'value'],
  ['name', 'duration', 'traceId', 'spanId', 'parentSpanId', 'kind', 'status'],
  ['name', 'value', 'delta', 'rating', 'navigationType'],
  ['name', 'message', 'stack', 'severity', 'handled', 'componentStack'],
  ['name'],
  ['message', 'email', 'screenshot'],
  ['id', 'anonymousId'],
  ['value'],
  ['value'],
  ['value'],
  ['reason', 'count'],
];
const VITAL = 3;
const ERROR = 4;

/** Longer than any field takes, so that the cut that the wasm makes, and the mark that it leaves, stay its own. */
const MOST_CHARACTERS = 65_537;
/** As in the limits of the protocol: keys of an object, objects inside one another. */
const MOST_KEYS = 32;
const MOST_DEPTH = 6;
/** Characters of a context, more than the wasm keeps; and how many of one string it may keep. */
const ROOM = 32_768;
const KEPT = 8_192;
/** Stands for what was left out, as in what the wasm writes. */
const MARK = '[cut]';

/** What `body` returns; nothing if it throws. */
function attempt(body) {
  try {
    return body();
  } catch {
    return undefined;
  }
}

/** A piece. A NUL ends it, so in a text it becomes what other characters become that cannot be written. */
function piece(letter, text) {
  const short = text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
  return letter + (short.includes('\0') ? short.replaceAll('\0', '\ufffd') : short) + '\0';
}

/** A value without parts: a string, a number, true or false, nothing, or what cannot be taken. */
function field(value) {
  if (typeof value === 'string') return piece('s', value);
  if (typeof value === 'number' && Number.isFinite(value)) return `n${value}\0`;
  if (typeof value === 'boolean') return value ? 't\0' : 'f\0';
  return value === undefined || value === null ? '-\0' : 'x\0';
}

const is = (value, type) => attempt(() => value instanceof type) === true;
const isArray = (value) => attempt(() => Array.isArray(value)) === true;

/** What an object is called that holds no data of its own. */
function noData(value) {
  if (is(value, ArrayBuffer) || ArrayBuffer.isView(value)) return '[binary]';
  if (is(value, Map)) return '[map]';
  if (is(value, Set)) return '[set]';
  return typeof attempt(() => value.nodeType) === 'number' ? '[node]' : undefined;
}

/** An error in a context is what it says; its stack belongs into an error record. */
function errorText(value) {
  const own = (name) => attempt(() => value[name]);
  const [name, message] = [own('name'), own('message')];
  return `${typeof name === 'string' ? name : 'Error'}: ${typeof message === 'string' ? message : ''}`;
}

/** Walks an object: what is no data is named, not followed, and so is what throws. */
function createWalk() {
  const ancestors = [];
  let room = ROOM;
  let out = '';

  function put(part) {
    out += part;
    room -= part.length < KEPT ? part.length : KEPT;
  }

  function value(given) {
    if (typeof given === 'string') return put(piece('s', given));
    // No JSON has a number that is not finite.
    if (typeof given === 'number') return put(Number.isFinite(given) ? `n${given}\0` : '-\0');
    if (typeof given === 'object' && given !== null) return object(given);
    const taken = field(given);
    put(taken === 'x\0' ? `s[${typeof given}]\0` : taken);
  }

  function object(given) {
    const name = noData(given);
    if (name !== undefined) return value(name);
    if (is(given, Error)) return value(errorText(given));
    if (ancestors.includes(given)) return value('[circular]');
    if (is(given, Date)) {
      // Dates say themselves what they are as JSON.
      const json = attempt(() => given.toJSON());
      // One that says that it is an object could say so for ever.
      if (json === null || (json !== undefined && typeof json !== 'object')) return value(json);
    }
    const isList = isArray(given);
    put(isList ? '[\0' : '{\0');
    if (ancestors.length < MOST_DEPTH) entries(given, isList);
    put('}\0');
  }

  /** Of a list, the items. */
  function entries(given, isList) {
    const keys = attempt(() => (isList ? given : Object.keys(given)));
    const length = attempt(() => keys.length);
    if (keys === undefined) return put('k[unreadable]\0t\0');
    const count = typeof length === 'number' ? length : 0;
    ancestors.push(given);
    let taken = 0;
    for (let at = 0; at < count; at += 1) {
      // A copy that was cut says how many it has left out.
      const isMark = !isList && keys[at] === MARK;
      if (!isMark && (taken >= MOST_KEYS || room <= 0)) {
        put(`c${count - at}\0`);
        break;
      }
      let inner;
      try {
        inner = given[isList ? at : keys[at]];
      } catch {
        inner = '[threw]';
      }
      if (inner === undefined && !isList) continue;
      if (isMark && Number.isSafeInteger(inner) && inner > 0) {
        put(`c${inner}\0`);
        continue;
      }
      taken += 1;
      put(isList ? 'i\0' : piece('k', keys[at]));
      value(inner);
    }
    ancestors.pop();
  }

  return { entries, value, written: () => out };
}

/** The context of a call; empty if the app gave none. */
function context(given) {
  if (typeof given !== 'object' || given === null) return '';
  const walk = createWalk();
  walk.entries(isArray(given) ? { items: given } : given, false);
  return walk.written();
}

/**
 * A copy of what the app passed, so that changing it afterwards changes nothing: what the wasm would read of it now.
 *
 * @returns {unknown}
 */
export function copyOf(given) {
  if (given === undefined || typeof given === 'number') return given;
  const walk = createWalk();
  walk.value(given);
  return unfold(walk.written());
}

/** The value that a walk has written. */
function unfold(text) {
  const pieces = text.split('\0');
  let at = 0;
  function value() {
    const piece = pieces[at++];
    const [letter, rest] = [piece[0], piece.slice(1)];
    if (letter === 's') return rest;
    if (letter === 'n') return Number(rest);
    if (letter === 't' || letter === 'f') return letter === 't';
    if (letter === '-') return null;
    const entries = [];
    for (let next; (next = pieces[at++]) !== '}'; ) {
      const name = next.slice(1);
      // A key, an item, or how many were left out.
      entries.push(next[0] !== 'c' ? [name, value()] : [MARK, letter === '{' ? Number(name) : MARK]);
    }
    // Not by assignment, which would make a key `__proto__` the copy's prototype.
    return letter === '{' ? Object.fromEntries(entries) : entries.map(([, item]) => item);
  }
  return value();
}

/** What an error record holds of anything that can be thrown. */
export function thrownFields({ thrown, handled }) {
  const own = (name) => {
    const value = attempt(() => thrown[name]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const message = typeof thrown === 'string' ? thrown : (own('message') ?? describe(thrown));
  const [stack, componentStack] = [own('stack'), own('componentStack')];
  return { name: own('name') ?? 'Error', message, stack, componentStack, handled: Boolean(handled) };
}

function describe(thrown) {
  if (thrown === undefined || thrown === null) return `${thrown} was thrown`;
  return `${typeof thrown === 'object' ? 'an object' : 'a value'} without a message was thrown`;
}

/** What is told: its fields, then what the app has to say beside them. */
export function flat(kind, fields, labels) {
  const given = kind === ERROR ? thrownFields(fields) : fields;
  let out = '';
  for (const name of FIELDS[kind]) out += field(attempt(() => given[name]));
  // What a walk has not foreseen costs the context, not the wasm.
  return out + (attempt(() => context(kind === VITAL ? given.attribution : labels)) ?? 'k[unreadable]\0t\0');
}

/** Options that are whole numbers: what each is where nothing is said, the least and the most. */
export const NUMBERS = {
  batchSize: [10, 1, 1000],
  flushIntervalMs: [30000, 100, 86400000],
  spoolDelayMs: [1000, 0, 60000],
  maxSpoolAge: [1209600000, 60000, 7776000000],
  maxQueueBytes: [16777216, 16384, 67108864],
};

/**
 * Options that were checked, in the order of `options.rs`: texts, of which an empty one is none, and numbers, of which
 * `NaN` is none.
 *
 * @returns {[string, Float64Array]}
 */
export function flatOptions(options) {
  const { endpoint, token, app, release, environment, consent, redactKeys, allowQueryKeys } = options;
  const { enabled, debug, userIds, featureFlag, bucket, sampleRate, tracesSampleRate, remote } = options;
  const flag = remote?.features.TELEMETRY;
  const keys = redactKeys ?? [];
  const texts = [endpoint, token, app ?? 'default', release, environment, consent, ...keys, ...(allowQueryKeys ?? [])];
  const given = [
    enabled === false ? 0 : 1,
    debug === true ? 1 : 0,
    userIds === 'plain' ? 1 : 0,
    featureFlag?.phase === 'DISABLED' ? 0 : (featureFlag?.rollout ?? 100),
    bucket ?? NaN,
    sampleRate ?? 1,
    tracesSampleRate ?? 1,
    flag?.phase === 'DISABLED' ? 0 : (flag?.rollout ?? 100),
    remote?.sampling.sampleRate ?? NaN,
    remote?.sampling.tracesSampleRate ?? NaN,
    ...Object.entries(NUMBERS).map(([name, [usual]]) => options[name] ?? usual),
    keys.length,
  ];
  return [texts.map((text) => `${text ?? ''}`.replaceAll('\0', '\ufffd')).join('\0'), new Float64Array(given)];
}

/** What the account counts, in the order of `client.rs`. */
export const STATS = [
  'lastSeq',
  'recorded',
  'adopted',
  'acknowledged',
  'handedOver',
  'leftToBrowser',
  'waiting',
  'inFlight',
  'queuedBytes',
  'sent',
  'requests',
  'failedRequests',
  'spoolWrites',
  'spoolRefusals',
];
/** What flushes are made by, in the order of `flush.rs`. */
const FLUSHES = ['batchSize', 'bytes', 'timer', 'hidden', 'pagehide', 'freeze', 'beforeunload', 'online', 'manual'];

/** The account as an app sees it. */
export function statsOf(json) {
  const [stream, storage, cpuMicros, enabled, ...counts] = JSON.parse(json);
  const named = (names) => names.map((name) => [name, counts.shift()]);
  const stats = Object.fromEntries(named(STATS));
  const flushes = Object.fromEntries(named(FLUSHES).filter(([, count]) => count > 0));
  return { stream, enabled: enabled > 0, ...stats, discarded: counts[0], flushes, storage, cpuMs: cpuMicros / 1000 };
}

/** The records that wait, by their types. */
export function bufferOf(json) {
  const lists = { logs: [], traces: [], metrics: [], vitals: [], errors: [], events: [] };
  for (const record of JSON.parse(json)) lists[`${record.type}s`]?.push(record);
  return lists;
}
