// What an app passes, as one text that the wasm reads from its beginning to its end.
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
  ['name', 'message', 'stack', 'componentStack', 'handled'],
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
/** Of options: more than there are. */
const MOST_OPTIONS = 4_000;

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
function createWalk(mostKeys, room, number) {
  const ancestors = [];
  let out = '';

  function put(part) {
    out += part;
    room -= part.length < KEPT ? part.length : KEPT;
  }

  function value(given) {
    if (typeof given === 'string') return put(piece('s', given));
    if (typeof given === 'number') return put(number(given));
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
      if (taken >= mostKeys || room <= 0) {
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
      taken += 1;
      put(isList ? 'i\0' : piece('k', keys[at]));
      value(inner);
    }
    ancestors.pop();
  }

  return { value, entries, written: () => out };
}

/** The context of a call; empty if the app gave none. */
function context(given) {
  if (typeof given !== 'object' || given === null) return '';
  // No JSON has a number that is not finite.
  const walk = createWalk(MOST_KEYS, ROOM, (number) => (Number.isFinite(number) ? `n${number}\0` : '-\0'));
  walk.entries(isArray(given) ? { items: given } : given, false);
  return walk.written();
}

/** What an error record holds of anything that can be thrown. */
function thrownFields({ thrown, handled }) {
  const own = (name) => {
    const value = attempt(() => thrown[name]);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const message = typeof thrown === 'string' ? thrown : (own('message') ?? describe(thrown));
  const [stack, componentStack] = [own('stack'), own('componentStack')];
  return { name: own('name') ?? 'Error', message, stack, componentStack, handled: handled === true };
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

/**
 * Options: a text, and beside it its numbers in their order, since the wasm reads none from a text.
 *
 * @returns {[string, Float64Array]}
 */
export function flatOptions(options) {
  const numbers = [];
  const walk = createWalk(MOST_OPTIONS, Infinity, (value) => {
    numbers.push(value);
    return 'n\0';
  });
  attempt(() => walk.value(options));
  return [walk.written(), new Float64Array(numbers)];
}

