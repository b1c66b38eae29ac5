import { attempt, all } from './attempt.js';
import { needsPreflight } from './preflight.js';
import { beginFor, failureOf, lengthIn } from './requests.js';
import type { RequestWatcher } from './requests.js';
import { share } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { placeOf } from './urls.js';
import type { Place } from './urls.js';
import { wrap } from './wrap.js';

/** What is known of a request between `open` and its end. */
interface Opened {
  readonly method: string;
  readonly place: Place;
  readonly headers: [string, string][];
  isSent: boolean;
  /** Lets go of a request that is under way. */
  forget?: () => void;
}

/** Tells of each XMLHttpRequest of the app. Its answer is not read. */
export function watchXhr(telemetry: Telemetry, watcher: RequestWatcher): Stop {
  return share<RequestWatcher>(telemetry, 'watchXhr', watcher, (watchers) => {
    const prototype = XMLHttpRequest.prototype;
    const { setRequestHeader, getResponseHeader } = prototype;
    const opened = new WeakMap<object, Opened>();

    const open = wrap(prototype, 'open', (original, self, args) => {
      const result = Reflect.apply(original, self, args);
      attempt(() => {
        const xhr = self as XMLHttpRequest;
        // Opened again, whatever was under way ends without a word.
        opened.get(xhr)?.forget?.();
        opened.delete(xhr);
        const place = placeOf(String(args[1]));
        if (place === undefined) return;
        opened.set(xhr, { method: String(args[0]).toUpperCase(), place, headers: [], isSent: false });
      });
      return result;
    });

    const set = wrap(prototype, 'setRequestHeader', (original, self, args) => {
      const result = Reflect.apply(original, self, args);
      attempt(() => opened.get(self as object)?.headers.push([String(args[0]), String(args[1])]));
      return result;
    });

    const send = wrap(prototype, 'send', (original, self, args) => {
      const end = attempt(() => begin(self as XMLHttpRequest));
      let hasReturned = false;
      try {
        const result = Reflect.apply(original, self, args);
        hasReturned = true;
        return result;
      } finally {
        // A request that is not asynchronous has ended here; one that fails so throws, and has no event.
        attempt(() => end?.(hasReturned));
      }
    });

    /** What is to be done when `send` has returned, or thrown. */
    function begin(xhr: XMLHttpRequest): ((hasReturned: boolean) => void) | undefined {
      const about = opened.get(xhr);
      if (about === undefined || about.isSent) return undefined;
      about.isSent = true;
      const { method, place } = about;
      const given = new Headers(about.headers);
      const traceparent = given.get('traceparent');
      const mayAddHeader = (): boolean => needsPreflight(place.href, method, given);
      const { header, end } = beginFor(watchers, { method, place, startedAt: performance.now(), traceparent, mayAddHeader });
      if (header !== undefined) attempt(() => Reflect.apply(setRequestHeader, xhr, ['traceparent', header]));

      const settle = (kind: string, loaded?: number): void => {
        forget();
        if (kind !== 'load') return end({ failure: failureOf(kind) });
        // Of another origin it may be hidden, which browsers complain about on the console.
        const length = place.isOwnOrigin ? (Reflect.apply(getResponseHeader, xhr, ['content-length']) as string | null) : null;
        end({ status: xhr.status, size: lengthIn(length) ?? loaded });
      };
      const hear = (event: Event): void => void attempt(() => settle(event.type, (event as ProgressEvent).loaded));
      const forget = (): void => ENDS.forEach((type) => xhr.removeEventListener(type, hear));
      about.forget = forget;
      ENDS.forEach((type) => xhr.addEventListener(type, hear));
      return (hasReturned) => {
        if (xhr.readyState === 4) return settle(hasReturned && xhr.status > 0 ? 'load' : 'error');
        if (hasReturned) return;
        // It was not sent, and may be sent yet.
        about.isSent = false;
        forget();
      };
    }

    return all([open, set, send]);
  });
}

const ENDS = ['load', 'error', 'abort', 'timeout'] as const;
