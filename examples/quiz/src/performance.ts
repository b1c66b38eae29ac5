// How long the page took to load, as the browser measured it.

import { logger } from './logger';
import { telemetry } from './telemetry';

type Rating = 'good' | 'needs-improvement' | 'poor';

/** The marks of web.dev: up to the first is good, beyond the second is poor. */
const MARKS = {
  ttfb: [800, 1800],
  fcp: [1800, 3000],
  load: [2500, 4000],
} as const;

type Name = keyof typeof MARKS;

export function measurePageLoad(): void {
  if (document.readyState === 'complete') reportLoad();
  // The load event's own end is known only after its listeners have run.
  else window.addEventListener('load', () => setTimeout(reportLoad, 0), { once: true });
  reportFirstPaint();
}

function reportLoad(): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (!navigation) return;
  record('ttfb', navigation.responseStart);
  record('load', navigation.loadEventEnd);
  logger.debug('Page load measured', { type: navigation.type });
}

/** The first paint may come before or after the load. */
function reportFirstPaint(): void {
  const observer = new PerformanceObserver((list) => {
    const paint = list.getEntriesByName('first-contentful-paint')[0];
    if (!paint) return;
    record('fcp', paint.startTime);
    observer.disconnect();
  });
  observer.observe({ type: 'paint', buffered: true });
}

function record(name: Name, millis: number): void {
  telemetry.metric(`web_vital_${name}`, Math.round(millis), { rating: rate(name, millis) });
}

function rate(name: Name, millis: number): Rating {
  const [good, poor] = MARKS[name];
  if (millis <= good) return 'good';
  return millis <= poor ? 'needs-improvement' : 'poor';
}
