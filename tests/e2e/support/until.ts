/** Waits for something that another process does. */

/** Asks again and again until the answer is yes; false when the time is over. */
export async function until(isDone: () => Promise<boolean>, limit: number): Promise<boolean> {
  const end = performance.now() + limit;
  while (performance.now() < end) {
    if (await isDone()) return true;
    await pause(100);
  }
  return isDone();
}

/** A person's pause between two clicks. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
