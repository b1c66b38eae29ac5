import { isOwnUrl } from '../ownUrls.js';
import { all, listen } from './attempt.js';
import { describeElement, elementOf } from './describeElement.js';
import { createLimit } from './limits.js';
import { readOptions, wholeNumber, yesOrNo } from './readOptions.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { watchNavigation } from './watchNavigation.js';

/** Options of `startClicks`. */
export interface ClickOptions {
  /** Whether clicks in a row on one place are recorded [true]. */
  readonly rage?: boolean | undefined;
  /** Whether clicks that do nothing are recorded [true]. */
  readonly dead?: boolean | undefined;
  /** Milliseconds in which a click has to have done something [2000]. */
  readonly deadMs?: number | undefined;
  /** How many clicks in a row, within a second and 30 pixels, are rage [3]. */
  readonly rageClicks?: number | undefined;
}

/**
 * Records `rage_click`, once for a row of clicks on one place, and `dead_click`, a click on a button, link or the like
 * after which nothing happened: nothing changed, scrolled, opened, was loaded or asked for.
 *
 * ```ts
 * const stop = startClicks(telemetry, { rageClicks: 4 });
 * ```
 *
 * An element with `data-beaconry-ignore`, or within one, is left out; so are fields, and links that leave the page to
 * itself. Without a page it does nothing, and says so in debug mode.
 */
export function startClicks(telemetry: Telemetry, options?: ClickOptions): Stop {
  return start(telemetry, 'startClicks', typeof document !== 'object' && 'page', () => {
    const { rage, dead, deadMs, rageClicks } = readOptions<Required<ClickOptions>>(telemetry, 'startClicks', options, {
      rage: yesOrNo(true),
      dead: yesOrNo(true),
      deadMs: wholeNumber(100, 60_000, 2_000),
      rageClicks: wholeNumber(2, 100, 3),
    }) as { rage: boolean; dead: boolean; deadMs: number; rageClicks: number };
    const mayRecord = createLimit(telemetry);
    const record = (name: string, element: Element, more: object): void => {
      if (mayRecord()) telemetry.event(name, { element: describeElement(element), ...more });
    };
    const ends: Stop[] = [];
    if (rage) ends.push(watchRage(rageClicks, (element, clicks) => record('rage_click', element, { clicks })));
    if (dead) ends.push(watchDead(telemetry, deadMs, (element) => record('dead_click', element, { waitedMs: deadMs })));
    return all(ends);
  });
}

function watchRage(most: number, tell: (element: Element, clicks: number) => void): Stop {
  let [clicks, x, y, at] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  return listen<MouseEvent>(document, 'click', (event) => {
    const element = elementOf(event);
    // Keyboards click, too, without a place.
    if (element === undefined || event.detail === 0 || element.closest(FIELDS) !== null) return;
    const isNear = event.timeStamp - at < RAGE_MS && Math.hypot(event.clientX - x, event.clientY - y) < RAGE_PIXELS;
    clicks = isNear ? clicks + 1 : 1;
    [x, y, at] = [event.clientX, event.clientY, event.timeStamp];
    if (clicks === most) tell(element, clicks);
  }, true);
}

/** Waits after a click for any sign that it did something. */
function watchDead(telemetry: Telemetry, waitMs: number, tell: (element: Element) => void): Stop {
  let end: Stop | undefined;
  const settle = (): void => {
    end?.();
    end = undefined;
  };

  const clicked = listen<MouseEvent>(document, 'click', (event) => {
    const inner = elementOf(event);
    const element = inner?.closest(CLICKABLE) ?? undefined;
    if (inner === undefined || element === undefined || inner.closest(`${FIELDS},${ELSEWHERE}`) !== null) return;
    // A second click while the first is waited for belongs to it.
    if (end !== undefined) return;
    const signs = new MutationObserver(settle);
    const what = { subtree: true, childList: true, attributes: true, characterData: true };
    // What changes in a shadow tree is not seen from outside.
    for (const root of new Set([document, inner.getRootNode()])) signs.observe(root, what);
    const loads = new PerformanceObserver((list) => {
      if (list.getEntries().some(({ name }) => !isOwnUrl(new URL(name)))) settle();
    });
    loads.observe({ type: 'resource' });
    const timer = setTimeout(() => {
      settle();
      tell(element);
    }, waitMs);
    end = all([
      () => signs.disconnect(),
      () => loads.disconnect(),
      () => clearTimeout(timer),
      ...SIGNS.map((type) => listen(window, type, settle, true)),
    ]);
  }, true);
  return all([settle, clicked, watchNavigation(telemetry, settle)]);
}

const RAGE_MS = 1_000;
const RAGE_PIXELS = 30;
/** Where many clicks are how it is used, or clicks show no effect that a page can see. */
const FIELDS = 'input:not([type=button],[type=submit],[type=image]),textarea,select,option,label,video,audio,canvas,[contenteditable],[data-beaconry-ignore]';
const ELSEWHERE = 'a[download],a[target=_blank],a[href^="mailto:"],a[href^="tel:"],a[href^="sms:"]';
const CLICKABLE = 'a[href],button,input,summary,[onclick],[role=button],[role=link],[role=tab],[role=menuitem],[role=switch]';
const SIGNS = ['scroll', 'input', 'change', 'submit', 'toggle', 'blur', 'focus', 'pagehide', 'selectionchange', 'play', 'fullscreenchange'];
