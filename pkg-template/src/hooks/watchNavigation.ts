import { all, attempt, listen } from './attempt.js';
import { share } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { wrap } from './wrap.js';

/** How the page came to another address. */
export type NavigationKind = 'push' | 'replace' | 'traverse' | 'reload' | 'back_forward_cache';

/** Hears each change of the address, after it has happened. */
export type NavigationListener = (kind: NavigationKind, from: URL, to: URL) => void;

/** Tells of each change of the address within the page: by the Navigation API, else by History and its events. */
export function watchNavigation(telemetry: Telemetry, listener: NavigationListener): Stop {
  return share<NavigationListener>(telemetry, 'watchNavigation', listener, (listeners) => {
    let href = location.href;

    function moved(kind: NavigationKind, isAgain = false): void {
      const [from, to] = [href, location.href];
      if (from === to && !isAgain) return;
      href = to;
      for (const tell of listeners) attempt(() => tell(kind, new URL(from), new URL(to)));
    }

    const shown = listen<PageTransitionEvent>(window, 'pageshow', ({ persisted }) => persisted && moved('back_forward_cache', true));
    const { navigation } = globalThis as { navigation?: EventTarget };
    if (navigation instanceof EventTarget) {
      const changed = listen<Event & { navigationType?: NavigationKind | null }>(navigation, 'currententrychange', (event) =>
        moved(event.navigationType ?? 'replace'),
      );
      return all([shown, changed]);
    }
    const method = (name: string, kind: NavigationKind): Stop =>
      wrap(History.prototype, name, (original, self, args) => {
        const result = Reflect.apply(original, self, args);
        attempt(() => moved(kind));
        return result;
      });
    const traversed = (): void => moved('traverse');
    return all([
      shown,
      method('pushState', 'push'),
      method('replaceState', 'replace'),
      listen(window, 'popstate', traversed),
      listen(window, 'hashchange', traversed),
    ]);
  });
}
