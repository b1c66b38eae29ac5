// How a page is asked: nothing throws, whatever a browser refuses or an app has replaced.

// The package puts another scope in this place: Node has no page.
export const scope = globalThis;

/** What `body` returns; nothing if it throws. */
export function attempt(body) {
  try {
    return body();
  } catch {
    return undefined;
  }
}

/** The wasm takes no other value for a text; and a NUL stands between texts. */
export const textOf = (value) => (typeof value === 'string' ? value : undefined);
export const joined = (texts) => texts.map((text) => text.replaceAll('\0', '\ufffd')).join('\0');

/** Browsers have left requests for a database or a lock without any answer: such a one fails. */
export function inTime(promise) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = attempt(() => scope.setTimeout(reject, LONGEST_SILENCE));
  });
  return Promise.race([promise, tooLate]).finally(() => attempt(() => scope.clearTimeout(timer)));
}

/** How long an answer of the browser is waited for. */
const LONGEST_SILENCE = 5_000;

// ---- What is asked without a client ----

/**
 * Milliseconds that only go forward; of the wall clock where there is no other. The one thing that may throw: a clock
 * that is broken by an app breaks the instance, for one that jumps to another origin would spoil every time after it.
 */
const clock = attempt(() => scope.performance) ?? Date;
export const elapsed = () => clock.now();
/** Where an app's clock tells no time, the browser's own does. */
export const wallTime = () => {
  const now = Date.now();
  return Number.isFinite(now) ? now : clock.timeOrigin + clock.now();
};
/** 32 random bits. */
export const randomBits = () => {
  const bits = attempt(() => scope.crypto.getRandomValues(new Uint32Array(1))[0]);
  return typeof bits === 'number' ? bits : Math.floor(Math.random() * 2 ** 32);
};
/** The URL of the page; in a worker that of its script. */
export const pageUrl = () => textOf(attempt(() => scope.location.href));
/** A number as text: the shortest form of the browser is the form of JSON. */
export const numberText = (value) => `${value}`;

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

// ---- The numbers of what happened, here and in `shell.rs` ----

export const HIDDEN = 0;
export const PAGE_HIDE = 1;
export const FREEZE = 2;
export const BEFORE_UNLOAD = 3;
export const VISIBLE = 4;
export const BACK_FROM_CACHE = 5;
export const ONLINE = 6;
export const WAKE = 7;
export const ANSWERED = 8;
export const RECOVERED = 9;
export const WIPED = 10;
export const LET_GO = 11;
export const STREAM_LOST = 12;
