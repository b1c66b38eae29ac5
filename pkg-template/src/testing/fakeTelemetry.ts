import type { Telemetry } from '../hooks/types.js';

type Made = [method: string, ...args: unknown[]];

/** A client that notes what hooks make of it. */
export function createFakeTelemetry() {
  const made: Made[] = [];
  const note = (name: string) => (...args: unknown[]): number => made.push([name, ...args]);
  const names = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'advise', 'leaveOut'] as const;
  const telemetry = Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Telemetry;
  return { telemetry, made, of: (name: string): unknown[][] => made.filter(([one]) => one === name).map(([, ...args]) => args) };
}
