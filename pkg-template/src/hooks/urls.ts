import { isOwnUrl } from '../ownUrls.js';
import { attempt } from './attempt.js';

/** The absolute URL that a call of the page means; nothing if it is none, or none of the network. */
export function resolve(url: unknown): URL | undefined {
  const resolved = attempt(() => new URL(url as string, globalThis.document?.baseURI ?? globalThis.location?.href));
  return resolved !== undefined && /^https?:$/.test(resolved.protocol) ? resolved : undefined;
}

/** What hooks ask of a URL, asked once: browsers work each part out anew. */
export interface Place {
  readonly href: string;
  readonly origin: string;
  readonly host: string;
  readonly pathname: string;
  readonly isOwnOrigin: boolean;
}

/** Where a request of the app goes; nothing if it is none of the network, or one of a client. */
export function placeOf(requested: unknown): Place | undefined {
  const url = resolve(requested);
  if (url === undefined) return undefined;
  const { href, origin, host, pathname } = url;
  if (isOwnUrl({ origin, pathname })) return undefined;
  return { href, origin, host, pathname, isOwnOrigin: origin === globalThis.origin };
}

/** A URL without what may be about a person: query, fragment, user-info, ids in the path. */
export function shownUrl(url: URL): string {
  return url.origin + shownPath(url.pathname);
}

export function shownPath(path: string): string {
  return path.replace(/[^/]+/g, (part) => (ID.test(part) ? '[id]' : part));
}

/** The same for a text, which may be a keyword. */
export function shownText(text: unknown): string {
  if (typeof text !== 'string') return '';
  const url = text.includes(':') ? resolve(text) : undefined;
  return url === undefined ? text.replace(/[?#][^]*/, '') : shownUrl(url);
}

/**
 * A part of a path that is an id or has one in it, as `is_id` in crates/protocol/src/page.rs says: a number, an
 * `@` or an escape for punctuation, four digits in a row, or a word that only a machine makes: long hex, or a long
 * mix of letters and digits. tests/golden/paths.json there has cases for both.
 */
const ID =
  /^\d+$|@|%(?!20)[\0-7][^]|\d{4}|(\b|_)([a-f\d]{12,}(\b|_)|(?=[a-z]*\d)([a-f\d]{8,}(\b|_)|[a-z\d]{16}|(?=[a-z]*\d+[a-z]+\d)[a-z\d]{8}))/i;
