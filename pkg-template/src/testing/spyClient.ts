import { createSilent } from '../createSilent.js';
import type { Telemetry } from '../Telemetry.js';

export interface Spy extends Telemetry {
  /** The calls of `start` and those that make records. */
  readonly calls: readonly (readonly unknown[])[];
}

/** A client that notes what it is told. */
export function createSpyClient(): Spy {
  const calls: unknown[][] = [];
  const note = (name: string) => (...args: unknown[]) => (calls.push([name, ...args]), 1);
  const start = async (config: unknown) => void calls.push(['start', config]);
  return { ...createSilent(), calls, start, error: note('error'), event: note('event'), log: note('log') };
}
