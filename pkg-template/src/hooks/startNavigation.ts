import { createLimit } from './limits.js';
import { oneOf, readOptions } from './readOptions.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { shownPath, shownText } from './urls.js';
import { watchNavigation } from './watchNavigation.js';

/** Options of `startNavigation`. */
export interface NavigationOptions {
  /**
   * Which changes of the part behind `#` are page views: those of routes, which begin with `#/` or `#!`; all;
   * or none ['routes'].
   */
  readonly hashes?: 'routes' | 'all' | 'none' | undefined;
}

/**
 * Records a `page_view` when it starts, and whenever the page comes to another path, query or route, or back
 * out of the back/forward cache.
 *
 * ```ts
 * const stop = startNavigation(telemetry, { hashes: 'none' });
 * ```
 *
 * A page that is prerendered is seen when it is shown. `pushState` and `replaceState` give back and throw what they did;
 * where the browser has the Navigation API, they are not touched. Without a page it does nothing, and says
 * so in debug mode.
 */
export function startNavigation(telemetry: Telemetry, options?: NavigationOptions): Stop {
  const missing = typeof History !== 'function' && 'page';
  return start(telemetry, 'startNavigation', missing, () => {
    const { hashes } = readOptions<{ hashes: 'routes' | 'all' | 'none' }>(telemetry, 'startNavigation', options, {
      hashes: oneOf(['routes', 'all', 'none'], 'routes'),
    });
    const mayRecord = createLimit(telemetry);

    const routeOf = ({ hash }: URL): string => (hashes === 'all' || (hashes === 'routes' && /^#[/!]/.test(hash)) ? hash : '');
    const view = (navigation: string, to: URL, more: object): void => {
      if (!mayRecord()) return;
      const route = shownPath(routeOf(to).split('?')[0] ?? '');
      telemetry.event('page_view', { navigation, path: shownPath(to.pathname), ...(route !== '' && { route }), ...more });
    };

    const [entry] = performance.getEntriesByType('navigation') as { type?: string }[];
    const referrer = shownText(document.referrer);
    view(entry?.type ?? 'navigate', new URL(location.href), referrer === '' ? {} : { referrer });
    return watchNavigation(telemetry, (kind, from, to) => {
      const isOther = from.pathname !== to.pathname || from.search !== to.search || routeOf(from) !== routeOf(to);
      if (isOther || kind === 'back_forward_cache') view(kind, to, { from: shownPath(from.pathname) });
    });
  });
}
