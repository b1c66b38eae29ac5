import { warn } from './explain.js';

/** What is said to a developer in debug mode, also what came up before it was known whether this is one. */
export function createAdvice() {
  const kept: string[] = [];
  let state: 'unknown' | 'debug' | 'quiet' = 'unknown';
  return {
    give(advice: string): void {
      if (state === 'debug') warn(advice);
      else if (state === 'unknown' && kept.length < MOST_KEPT) kept.push(advice);
    },
    settle(isDebug: boolean): void {
      state = isDebug ? 'debug' : 'quiet';
      if (isDebug) kept.forEach(warn);
      kept.length = 0;
    },
  };
}

/** Hooks that start before the client, and options of theirs that are wrong. */
const MOST_KEPT = 20;
