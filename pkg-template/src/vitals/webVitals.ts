import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals/attribution';
import type { MetricWithAttribution } from 'web-vitals/attribution';
import { attempt } from '../hooks/attempt.js';
import type { Stop } from '../hooks/types.js';

/** Hears each vital that the library reports. */
export type VitalListener = (metric: MetricWithAttribution) => void;

/**
 * Asks the web-vitals library for all that it knows, as long as somebody listens.
 *
 * The library is started once a page and has no way to end. So what it puts into the page is noted while it
 * does so, taken out with the last listener, and put back with the next. What is known of that hangs on
 * the library itself, since it is one and the same for all clients.
 */
export function listenToVitals(listener: VitalListener): Stop {
  const library = onCLS as { [OURS]?: Library };
  const ours = (library[OURS] ??= { listeners: new Set() });
  ours.listeners.add(listener);
  if (ours.listeners.size === 1) ours.leave = ours.enter === undefined ? begin(ours) : ours.enter();
  return () => {
    if (!ours.listeners.delete(listener) || ours.listeners.size > 0) return;
    ours.leave?.();
  };
}

interface Library {
  readonly listeners: Set<VitalListener>;
  /** Puts back what was taken out. */
  enter?: () => Stop;
  leave?: Stop;
}

/** Something that the library has put into the page. */
interface Part {
  put(): void;
  take(): void;
}

function begin(ours: Library): Stop {
  const parts: Part[] = [];
  let leaveZone: Stop | undefined;

  /** Runs code of the library, and notes what it puts into the page, then and in what follows from it. */
  function inZone<T>(body: () => T): T {
    if (leaveZone !== undefined) return body();
    leaveZone = enterZone();
    try {
      return body();
    } finally {
      leaveZone?.();
      leaveZone = undefined;
    }
  }

  function enterZone(): Stop {
    const { PerformanceObserver, addEventListener, queueMicrotask, setTimeout } = globalThis;
    const proto = PerformanceObserver.prototype;
    const swaps = [
      swap('queueMicrotask', (callback: () => void) => queueMicrotask(() => inZone(callback))),
      swap('setTimeout', (callback: () => void) => setTimeout(() => inZone(callback))),
      swap('addEventListener', (...args: Listening) => {
        // Those that are heard once are gone soon by themselves.
        if ((args[2] as AddEventListenerOptions).once !== true) {
          parts.push({ put: () => globalThis.addEventListener(...args), take: () => removeEventListener(...args) });
        }
        addEventListener(...args);
      }),
      swap('PerformanceObserver', class extends PerformanceObserver {
        readonly #types: PerformanceObserverInit[] = [];
        constructor(callback: PerformanceObserverCallback) {
          super((...seen) => inZone(() => callback(...seen)));
          const put = (): void => this.#types.forEach((init) => proto.observe.call(this, { ...init, buffered: false }));
          parts.push({ put, take: () => this.disconnect() });
        }
        override observe(init: PerformanceObserverInit): void {
          this.#types.push(init);
          super.observe(init);
        }
      }),
    ];
    return () => swaps.forEach((back) => back());
  }

  /** Whoever listens is no part of the library, and may put things into the page for itself. */
  function report(metric: MetricWithAttribution): void {
    const isInZone = leaveZone !== undefined;
    leaveZone?.();
    leaveZone = undefined;
    for (const listener of ours.listeners) attempt(() => listener(metric));
    if (isInZone) leaveZone = enterZone();
  }

  const enter = (): Stop => () => parts.forEach((part) => part.take());
  ours.enter = () => {
    parts.forEach((part) => part.put());
    return enter();
  };
  inZone(() => {
    onLCP(report);
    onFCP(report);
    onCLS(report);
    onINP(report);
  });
  // Before, it would only wait for that, with a listener that leads out of the zone.
  const late = (): void => inZone(() => onTTFB(report));
  if (document.readyState === 'complete') late();
  else inZone(() => addEventListener('load', late, true));
  return enter();
}

/** Puts something in place of a global; back as it was with what it gives back. */
function swap(name: string, value: unknown): Stop {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  return () => {
    if (before !== undefined) Object.defineProperty(globalThis, name, before);
    else delete (globalThis as Record<string, unknown>)[name];
  };
}

type Listening = Parameters<typeof addEventListener>;

const OURS: unique symbol = Symbol.for('beaconry.vitals');
