import { isOwnUrl } from '../ownUrls.js';
import { all, listen } from './attempt.js';
import { describeElement } from './describeElement.js';
import { createBursts } from './limits.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { resolve, shownUrl } from './urls.js';

/**
 * Records images, scripts and styles that could not be loaded, as errors of the type `ResourceError`.
 *
 * ```ts
 * const stop = startResources(telemetry);
 * ```
 *
 * Browsers do not say why one failed. Without a page it does nothing, and says so in debug mode.
 */
export function startResources(telemetry: Telemetry): Stop {
  return start(telemetry, 'startResources', typeof document !== 'object' && 'page', () => {
    const bursts = createBursts(telemetry);
    // It does not bubble, so it is only heard on its way down.
    const failed = (event: Event): void => {
      const element = event.target;
      if (!(element instanceof Element)) return;
      const kind = KINDS[element.localName];
      if (kind === undefined || (kind === 'style' && !/stylesheet/i.test(element.getAttribute('rel') ?? ''))) return;
      const { currentSrc, src, href } = element as HTMLImageElement & HTMLLinkElement;
      const url = resolve(currentSrc || src || href);
      if (url === undefined || isOwnUrl(url)) return;
      const shown = shownUrl(url);
      const error = { name: 'ResourceError', message: `${kind} could not be loaded: ${shown}` };
      bursts.tell(kind + shown, (again) =>
        telemetry.error(error, { source: 'resource', kind, url: shown, element: describeElement(element), ...again }),
      );
    };
    return all([bursts.stop, listen(window, 'error', failed, true)]);
  });
}

const KINDS: Readonly<Record<string, string | undefined>> = { __proto__: null as never, img: 'image', script: 'script', link: 'style' };
