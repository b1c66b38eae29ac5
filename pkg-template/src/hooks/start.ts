import { attempt } from './attempt.js';
import type { Stop, Telemetry } from './types.js';

/**
 * Starts a hook of a client, once: whoever starts it again gets the same `stop`.
 *
 * `missing` is what the hook needs and the page does not have. In a page that is prerendered it begins when
 * the page is shown.
 */
export function start(telemetry: Telemetry, name: string, missing: string | false, begin: () => Stop): Stop {
  const running = attempt(() => runningOf(telemetry)) as Map<string, Stop> | undefined;
  const known = running?.get(name);
  if (running === undefined || known !== undefined) return known ?? nothing;
  const refuse = (why: string): Stop => (advise(telemetry, `${name}() does nothing here: ${why}`), nothing);
  if (missing !== false) return refuse(`there is no ${missing}`);
  let end = nothing;
  const go = (): void => {
    end = attempt(begin) ?? refuse('the page does not let it');
  };
  const stop = (): void => {
    if (running.get(name) !== stop) return;
    running.delete(name);
    if (isEarly) document.removeEventListener('prerenderingchange', go);
    attempt(end);
  };
  const isEarly = isPrerendered();
  running.set(name, stop);
  if (isEarly) document.addEventListener('prerenderingchange', go, { once: true });
  else go();
  return stop;
}

/**
 * Lets several hooks of a client share what they have to put into the page: it is put there for the first
 * of them, and taken out with the last.
 */
export function share<L>(telemetry: Telemetry, name: string, listener: L, install: (all: ReadonlySet<L>) => Stop): Stop {
  const running = runningOf(telemetry) as Map<string, Shared<L>>;
  let shared = running.get(name);
  if (shared === undefined) {
    const listeners = new Set<L>();
    running.set(name, (shared = { listeners, stop: install(listeners) }));
  }
  const { listeners, stop } = shared;
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    running.delete(name);
    stop();
  };
}

/** Says something on the console, if the client is in debug mode. */
export function advise(telemetry: Telemetry, advice: string): void {
  attempt(() => telemetry.advise?.(advice));
}

/** Whether nobody sees the page yet, and perhaps never will. */
export function isPrerendered(): boolean {
  return (globalThis.document as { prerendering?: boolean } | undefined)?.prerendering === true;
}

interface Shared<L> {
  readonly listeners: Set<L>;
  readonly stop: Stop;
}

/** Kept by the client itself: this package may be on the page twice. */
function runningOf(telemetry: Telemetry): Map<string, unknown> {
  const owner = telemetry as { [RUNNING]?: Map<string, unknown> };
  return (owner[RUNNING] ??= new Map<string, unknown>());
}

function nothing(): void {}

const RUNNING: unique symbol = Symbol.for('beaconry.hooks');
