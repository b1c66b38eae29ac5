import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals/attribution';
import type { MetricWithAttribution } from 'web-vitals/attribution';
import type { Stop } from '../hooks/types.js';

/** Hears each vital that the library reports, and does not throw. */
export type VitalListener = (metric: MetricWithAttribution) => void;

/**
 * Asks the web-vitals library for all that it knows, as long as somebody listens.
 *
 * The library is started once a page and has no way to end. So what it puts into the page is noted while it
 * does so, taken out with the last listener, and put back with the next. What is known of that hangs on
 * the library itself, since it is one and the same for all clients.
 */
export function listenToVitals(listener: VitalListener): Stop {
  const library = onCLS as { beaconry?: Library };
  const known = library.beaconry;
  const { listeners, parts } = (library.beaconry ??= begin(listener));
  if (known && listeners.size === 0) parts.forEach(([put]) => put());
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) parts.forEach(([, take]) => take());
  };
}

interface Library {
  readonly listeners: Set<VitalListener>;
  readonly parts: readonly Part[];
}

/** How to put something of the library into the page, and how to take it out. */
type Part = readonly [put: () => void, take: () => void];

function begin(first: VitalListener): Library {
  const listeners = new Set([first]);
  const parts: Part[] = [];
  const { PerformanceObserver, addEventListener } = globalThis;
  let isNoting = false;
  const reports: MetricWithAttribution[] = [];
  /** What the library puts off it does at once: what follows from that is to be noted, too. */
  const now = (callback: () => void): void => callback();

  /** What the library finds in place of the page's own. */
  const noting = {
    queueMicrotask: now,
    setTimeout: now,
    addEventListener(...args: Listening): void {
      addEventListener(...args);
      // Those that are heard once are gone soon by themselves.
      if (!(args[2] as AddEventListenerOptions).once) parts.push([() => addEventListener(...args), () => removeEventListener(...args)]);
    },
    PerformanceObserver: class extends PerformanceObserver {
      constructor(callback: PerformanceObserverCallback) {
        super((...seen) => note(() => callback(...seen)));
      }
      override observe(init: PerformanceObserverInit): void {
        super.observe(init);
        parts.push([() => super.observe({ ...init, buffered: false }), () => this.disconnect()]);
      }
    },
  };

  /** Runs code of the library, and notes what it puts into the page. What it reports comes afterwards. */
  function note(body: () => void): void {
    const { PerformanceObserver, addEventListener, queueMicrotask, setTimeout } = globalThis;
    const isOwn = Object.hasOwn(globalThis, 'addEventListener');
    isNoting = true;
    Object.assign(globalThis, noting);
    try {
      body();
    } finally {
      Object.assign(globalThis, { PerformanceObserver, addEventListener, queueMicrotask, setTimeout });
      // Windows have it from their prototype.
      if (!isOwn) delete (globalThis as Partial<typeof globalThis>).addEventListener;
      isNoting = false;
      reports.splice(0).forEach(report);
    }
  }

  function report(metric: MetricWithAttribution): void {
    // Whoever listens is no part of the library, and may put things into the page for itself.
    if (isNoting) reports.push(metric);
    else listeners.forEach((listener) => listener(metric));
  }

  note(() => [onLCP, onFCP, onCLS, onINP].forEach((measure) => (measure as typeof onLCP)(report)));
  // Before, it would only wait for that, with a listener of whose own listeners nothing is noted.
  const late = (): void => note(() => onTTFB(report));
  if (document.readyState === 'complete') late();
  else note(() => globalThis.addEventListener('load', late, true));
  return { listeners, parts };
}

type Listening = Parameters<typeof addEventListener>;
