// How bodies are posted, and what is read of the answers.

import { ANSWERED, attempt, joined, scope } from './scope.js';

export const hasFetchLater = () => typeof attempt(() => scope.fetchLater) === 'function';

/** The commands that have to do with requests, in their order. */
export function createRequests(endpoint, token, say) {
  const flights = new Map();
  /** Bodies that are being compressed and have not left yet. */
  const compressing = new Map();
  /** What was handed to the browser for later. */
  let later = [];
  /** Whether compressed bodies are made and understood here, as far as is known. */
  let canGzip = true;

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
    if (isUnreadable(answer)) canGzip = false;
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

  return [
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
  ];
}

/** Milliseconds of a `Retry-After`: seconds, or a date. Nothing is `NaN`. */
function retryAfter(value) {
  const millis = /^\d{1,9}$/.test(value) ? value * 1_000 : Date.parse(value) - Date.now();
  return millis > 0 ? millis : NaN;
}

/** From here on compressing saves more than it costs. */
const WORTH_COMPRESSING = 1_024;

// ---- Answers ----

/**
 * What the parsed body of a response says, flat, as `answer.rs` takes it: texts and numbers. Nothing if it is no
 * answer of ours: a field of a type that it cannot have makes the whole of it nobody's. Only what the client acts
 * on is read; what it does not know is left alone.
 */
export function flatAnswer(json) {
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

/** Whether the body could not be read: what may have been the way. */
export const isUnreadable = (answer) => ERRORS[answer?.numbers[1] - 2]?.startsWith('invalid_') === true;

// For the tests in `tests/web`.
export const answerTexts = (json) => attempt(() => joined(flatAnswer(json).texts));
export const answerNumbers = (json) => new Float64Array(flatAnswer(json)?.numbers ?? []);

/** Codes that mean the same to a client are one to it: all but these are tried again later. */
const ERRORS = ['too_large', 'unauthorized', 'origin_not_allowed', 'upgrade', 'invalid_json', 'invalid_body'];
