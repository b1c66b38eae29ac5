import type { Stop } from './types.js';

/** What a hook does for itself: whatever is thrown in here stays in here. */
export function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch {
    return undefined;
  }
}

/** Ends all of them, the last first, whatever one of them throws. */
export function all(stops: readonly Stop[]): Stop {
  return () => {
    for (const stop of [...stops].reverse()) attempt(stop);
  };
}

/** Listens until it is stopped. What the listener throws reaches nobody. */
export function listen<E extends Event>(
  target: EventTarget,
  type: string,
  listener: (event: E) => void,
  isCapture = false,
): Stop {
  const guarded = (event: Event): void => void attempt(() => listener(event as E));
  const options = { capture: isCapture, passive: true };
  target.addEventListener(type, guarded, options);
  return () => target.removeEventListener(type, guarded, options);
}
