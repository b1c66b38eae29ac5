/** Says why the client is off. What was thrown may throw when it is read. */
export function explain(problem: unknown, what = 'telemetry is off'): void {
  try {
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.error(`[beaconry] ${what}: ${reason}`);
  } catch {
    // An app may have replaced the console by one that throws. Nothing is left to say it with.
  }
}

export function warn(advice: string): void {
  try {
    console.warn(`[beaconry] ${advice}`);
  } catch {
    // The same.
  }
}
