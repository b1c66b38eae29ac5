import { readStored, store } from './storage.js';

/** What a server asks of its clients: its answer to `GET /api/features`. */
export interface Remote {
  readonly features: { readonly TELEMETRY: { readonly phase: 'ENABLED' | 'DISABLED'; readonly rollout: number } };
  readonly sampling: { readonly sampleRate?: number; readonly tracesSampleRate?: number };
}

export interface LastKnown {
  readonly remote: Remote;
  /** Whether it is young enough to go by without asking again. */
  readonly isFresh: boolean;
}

/** The answer that was stored last, by this code or by the wasm. */
export function lastKnown(app: string): LastKnown | undefined {
  try {
    const { at, remote } = JSON.parse(readStored(keyOf(app)) ?? '');
    const age = Date.now() - at;
    const known = asRemote(remote);
    return known && { remote: known, isFresh: age >= 0 && age < FRESH_MS };
  } catch {
    return undefined;
  }
}

export function remember(app: string, remote: Remote): void {
  store(keyOf(app), JSON.stringify({ at: Date.now(), remote }));
}

/** What somebody answered, if that is an answer of ours. */
export function asRemote(body: unknown): Remote | undefined {
  const { features, sampling } = (body ?? {}) as Partial<Record<keyof Remote, Record<string, unknown>>>;
  const { phase, rollout } = (features?.['TELEMETRY'] ?? {}) as Record<string, unknown>;
  const isOurs = (phase === 'ENABLED' || phase === 'DISABLED') && isFrom0To(100, rollout);
  if (!isOurs) return undefined;
  const rates = ['sampleRate', 'tracesSampleRate'].map((name) => [name, sampling?.[name]] as const);
  return {
    features: { TELEMETRY: { phase, rollout } },
    sampling: Object.fromEntries(rates.filter(([, rate]) => isFrom0To(1, rate))),
  };
}

function isFrom0To(most: number, value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}

function keyOf(app: string): string {
  return `beaconry:features:${app}`;
}

const FRESH_MS = 3_600_000;
