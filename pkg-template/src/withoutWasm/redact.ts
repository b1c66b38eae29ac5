/**
 * Takes out what may be a secret before something is sent without the wasm. Its rules are coarser than those of
 * the wasm, and rather take out too much; the server goes over it again with the full table.
 */
export function createRedactor(redactKeys: readonly string[] = []) {
  const keys = [SENSITIVE, ...redactKeys.map((key) => key.replace(/\W/g, '.'))].join('|');
  const key = new RegExp(keys, 'i');
  const pair = new RegExp(`((?:${keys})[\\w-]*["']?\\s*[=:]\\s*|[?&][^\\s=&#]*=|(?:bearer|basic)\\s+)("[^"]*"|[^\\s,;&)}\\]]+)`, 'gi');

  /** For `JSON.stringify`. */
  return (name: string, value: unknown): unknown => {
    if (name !== '' && key.test(name)) return REDACTED;
    if (typeof value !== 'string') return value;
    return value.slice(0, MOST_TEXT).replace(pair, `$1${REDACTED}`).replace(SECRET, REDACTED);
  };
}

/** The page without user-info, query and fragment, and without ids in its path. */
export function currentPage(): string {
  const { origin, pathname } = location;
  return origin + pathname.replace(/\/(\d+(?=\/|$)|[^/]*(\d{4}|[\da-f]{8}|[@%])[^/]*)/gi, '/[id]');
}

/** User-info of URLs, e-mail addresses, JWTs, keys such as `sk_live_…`, and card numbers. */
const SECRET = /[^\s"<(=/]+@[^\s">/]+\.\w+|\bey[\w-]{8,}\.[\w.-]*|\b[a-z]{2,4}_[\w-]{16,}|\b\d([ -]?\d){12,18}\b/g;
const REDACTED = '[redacted]';
const SENSITIVE = 'pass|pwd|token|secret|auth|cookie|session|cred|api.?key|jwt|mail|phone|address|card|cvc|ssn';
/** The server cuts texts further. */
const MOST_TEXT = 8_000;
