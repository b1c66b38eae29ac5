import { attempt } from './attempt.js';
import { needsPreflight } from './preflight.js';
import { beginFor, failureOf, lengthIn } from './requests.js';
import type { PageRequest, RequestWatcher } from './requests.js';
import { share } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { placeOf } from './urls.js';
import { wrap } from './wrap.js';

/** Tells of each `fetch` of the app. Bodies are neither read nor cloned. */
export function watchFetch(telemetry: Telemetry, watcher: RequestWatcher): Stop {
  return share<RequestWatcher>(telemetry, 'watchFetch', watcher, (watchers) =>
    wrap(globalThis, 'fetch', (original, self, args) => {
      const seen = attempt(() => see(watchers, args));
      const answer = Reflect.apply(original, self, seen?.args ?? args);
      if (seen === undefined || !(answer instanceof Promise)) return answer;
      // The app gets the promise that follows: one that it does not catch is still nobody's.
      return answer.then(
        (response: Response) => {
          attempt(() => seen.end(resultOf(response)));
          return response;
        },
        (problem: unknown) => {
          attempt(() => seen.end({ failure: failureOf((problem as Error | undefined)?.name) }));
          throw problem;
        },
      );
    }),
  );
}

function see(watchers: ReadonlySet<RequestWatcher>, args: unknown[]) {
  if (args.length === 0) return undefined;
  const [input, init] = args as [unknown, RequestInit | null | undefined];
  const request = isRequest(input) ? input : undefined;
  const place = placeOf(request?.url ?? String(input));
  if (place === undefined) return undefined;
  const method = String(init?.method ?? request?.method ?? 'GET').toUpperCase();
  const mode = init?.mode ?? request?.mode ?? 'cors';
  // Read once: it may be an iterator.
  const given = init?.headers;
  const headers = new Headers(given ?? request?.headers);
  const about: PageRequest = {
    method,
    place,
    startedAt: performance.now(),
    traceparent: headers.get('traceparent'),
    mayAddHeader: () => mode === 'cors' && needsPreflight(place.href, method, headers),
  };
  const { header, end } = beginFor(watchers, about);
  const isPlain = mode === 'cors' || mode === 'same-origin';
  const adds = header !== undefined && isPlain;
  if (adds) headers.set('traceparent', header);
  const isReadUp = typeof (given as { next?: unknown } | null | undefined)?.next === 'function';
  return { args: adds || isReadUp ? [input, withHeaders(init, headers, request), ...args.slice(2)] : args, end };
}

/** The same options with other headers, each read when the browser reads it, whatever object they are. */
function withHeaders(init: RequestInit | null | undefined, headers: Headers, request: Request | undefined): object {
  if (isEmpty(init)) {
    // Any option at all makes the browser forget these two of the request.
    const { referrer, referrerPolicy }: Partial<Request> = request ?? {};
    return { headers, referrer, referrerPolicy };
  }
  // Not of the options themselves: a proxy must show what is frozen as it is. Others may copy what they are given.
  return new Proxy({ ...init, headers }, { get: (target, key) => Reflect.get(key === 'headers' ? target : init, key) });
}

function isEmpty(init: object | null | undefined): init is null | undefined {
  if (init === undefined || init === null) return true;
  return Object.getPrototypeOf(init) === Object.prototype && Reflect.ownKeys(init).length === 0;
}

function resultOf(response: Response) {
  // Nothing is known of an answer that the page may not see.
  if (response.type === 'opaque' || response.type === 'opaqueredirect') return {};
  const size = lengthIn(response.headers.get('content-length'));
  return { status: response.status, size, hasBody: response.body !== null };
}

/** Also one of another frame, whose `Request` is not ours. */
function isRequest(input: unknown): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]';
}
