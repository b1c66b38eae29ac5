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
