import { guard } from './guard.js';
import { isHidden } from './untilPainted.js';

/** Calls `act` each time the page goes, or may go for good; what that throws reaches nobody. Gives back what ends it. */
export function whenLeaving(act: () => void): () => void {
  if (typeof document !== 'object') return () => undefined;
  const look = ({ type }: Event): void => {
    if (type === 'pagehide' || isHidden()) guard(act, undefined);
  };
  // In the capturing phase, and so before what the wasm does in the same event.
  for (const type of EVENTS) addEventListener(type, look, true);
  return () => {
    for (const type of EVENTS) removeEventListener(type, look, true);
  };
}

const EVENTS = ['visibilitychange', 'pagehide'] as const;
