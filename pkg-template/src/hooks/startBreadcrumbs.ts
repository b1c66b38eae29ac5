import { all, attempt, listen } from './attempt.js';
import { describeElement, elementOf } from './describeElement.js';
import { readOptions, wholeNumber } from './readOptions.js';
import type { RequestWatcher } from './requests.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { shownPath } from './urls.js';
import { lineOf, watchConsole } from './watchConsole.js';
import { watchFetch } from './watchFetch.js';
import { watchNavigation } from './watchNavigation.js';
import { watchXhr } from './watchXhr.js';
import { wrap } from './wrap.js';

/** Options of `startBreadcrumbs`. */
export interface BreadcrumbOptions {
  /** How many are kept: the last ones [20]. */
  readonly most?: number | undefined;
}

/**
 * Keeps the last clicks, navigations, requests and console lines, and puts them into the context of the next
 * error of this client, whoever records it: `context.breadcrumbs`, the oldest first.
 *
 * ```ts
 * const stop = startBreadcrumbs(telemetry, { most: 30 });
 * ```
 *
 * Nothing that users type is kept: a clicked element is its tag, id, classes and role, a URL has neither query
 * nor ids. What an error took along is not kept for the one after it; a resource that was not loaded and the count
 * of a burst take nothing. Without a page it keeps what there is.
 */
export function startBreadcrumbs(telemetry: Telemetry, options?: BreadcrumbOptions): Stop {
  return start(telemetry, 'startBreadcrumbs', typeof globalThis.performance !== 'object' && 'clock', () => {
    const { most } = readOptions<{ most: number }>(telemetry, 'startBreadcrumbs', options, { most: wholeNumber(1, 30, 20) });
    const crumbs: Crumb[] = [];
    const keep = (type: string, what: string, more?: object): void => {
      crumbs.push({ at: Date.now(), type, what: what.slice(0, MOST_CHARACTERS), ...more });
      if (crumbs.length > most) crumbs.shift();
    };

    const requests: RequestWatcher = {
      end: ({ method, place }, { status, failure }) =>
        keep('request', `${method} ${place.origin}${shownPath(place.pathname)}`, { status, failure }),
    };
    // Each for itself: a page without the one may have the others.
    const watched = [
      () => watchFetch(telemetry, requests),
      () => watchXhr(telemetry, requests),
      () => watchConsole(telemetry, (method, args) => keep('console', `${method}: ${lineOf(args)}`)),
      () => watchNavigation(telemetry, (kind, from, to) => keep('navigation', `${shownPath(from.pathname)} to ${shownPath(to.pathname)}`, { kind })),
      () => listen(document, 'click', (event) => keepClick(event, keep), true),
    ].flatMap((begin) => attempt(begin) ?? []);

    const errors = wrap(telemetry, 'error', (original, self, args) => {
      const [thrown, context, ...rest] = args;
      // A resource that was not loaded, or the count of a burst: the next error needs them more.
      const own: Aside = attempt(() => ({ ...(typeof context === 'object' ? context : undefined) })) ?? {};
      if (own.source === 'resource' || (own.source && own.repeats)) return Reflect.apply(original, self, args);
      const trail = crumbs.splice(0).map((crumb) => ({ ...crumb, at: new Date(crumb.at).toISOString() }));
      const whole = trail.length === 0 ? context : { ...own, breadcrumbs: trail };
      const receipt = Reflect.apply(original, self, [thrown, whole, ...rest]);
      attempt(() => keep('error', String((thrown as Error | undefined)?.message ?? thrown)));
      return receipt;
    });
    return all([...watched, errors]);
  });
}

interface Crumb {
  readonly at: number;
  readonly type: string;
  readonly what: string;
}

/** What a hook says of an error that tells little of what led to it. */
interface Aside {
  readonly source?: unknown;
  readonly repeats?: unknown;
}

function keepClick(event: Event, keep: (type: string, what: string) => void): void {
  const element = elementOf(event);
  if (element !== undefined) keep('click', describeElement(element.closest('a,button,[role]') ?? element));
}

const MOST_CHARACTERS = 200;
