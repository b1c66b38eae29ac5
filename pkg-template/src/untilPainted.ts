import { defer } from './defer.js';
import { guard } from './guard.js';

/**
 * Resolves when the page has been painted for the first time, in a task of its own: nothing that a page does to
 * start its telemetry may come between a person and the first sight of it. At once where nothing will be
 * painted: in a worker, on a server, in a tab in the background, or one that goes there now.
 */
export async function untilPainted(): Promise<void> {
  if (!isSeen() || typeof requestAnimationFrame !== 'function') return;
  if (hasPainted()) return nextTask();
  const { promise, settle } = defer<void>();
  waitForPaint(settle);
  await promise;
}

/** Lets the page do what it has to do, before more is done. In the background nobody waits. */
export async function nextTask(): Promise<void> {
  if (!isSeen()) return;
  const { promise, settle } = defer<void>();
  // Not by a timer, which waits longer the more of them there are.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    settle();
  };
  port2.postMessage(undefined);
  await promise;
}

/** Whether there is a page, and somebody may see it. */
export function isSeen(): boolean {
  return typeof document === 'object' && !isHidden();
}

/** Whether nobody sees the page. */
export function isHidden(): boolean {
  return typeof document === 'object' && document.visibilityState === 'hidden';
}

function waitForPaint(done: () => void): void {
  const end = (): void => {
    removeEventListener('visibilitychange', look, true);
    clearTimeout(timer);
    done();
  };
  const look = (): void => {
    if (isHidden()) end();
  };
  // A frame that is out of sight gets no animation frames, and is not hidden either.
  const timer = setTimeout(end, LONGEST_WAIT_MS);
  addEventListener('visibilitychange', look, true);
  // The second frame begins when the first is on its way to the screen. An app may have replaced what asks for one.
  const inNextFrame = (act: () => void): void => guard(() => void requestAnimationFrame(act), undefined);
  inNextFrame(() => inNextFrame(() => setTimeout(end, 0)));
}

function hasPainted(): boolean {
  try {
    return performance.getEntriesByType('paint').length > 0;
  } catch {
    return false;
  }
}

const LONGEST_WAIT_MS = 1_000;
