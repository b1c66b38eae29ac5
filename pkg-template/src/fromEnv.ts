import type { Config } from './types.js';

/**
 * Reads a config from `VITE_TELEMETRY_*` variables, as in `fromEnv(import.meta.env)`:
 * `ENABLED`, `ENDPOINT`, `TOKEN`, `APP`, `RELEASE`, `ENVIRONMENT`, `BATCH_SIZE`, `FLUSH_INTERVAL`,
 * `SAMPLE_RATE`, `DEBUG`. A value that is no number or no boolean is passed on as it is, so that `init` names it.
 *
 * ```ts
 * import { fromEnv, init } from 'beaconry';
 *
 * await init({ ...fromEnv(import.meta.env), app: 'quiz' });
 * ```
 */
export function fromEnv(env: Readonly<Record<string, unknown>>): Config {
  const read = (name: string): string | undefined => {
    try {
      const value = env[`VITE_TELEMETRY_${name}`];
      return value === undefined || value === '' ? undefined : String(value);
    } catch {
      return undefined;
    }
  };
  return {
    endpoint: read('ENDPOINT') ?? '',
    token: read('TOKEN'),
    app: read('APP'),
    release: read('RELEASE'),
    environment: read('ENVIRONMENT'),
    enabled: asBoolean(read('ENABLED')),
    batchSize: asNumber(read('BATCH_SIZE')),
    flushIntervalMs: asNumber(read('FLUSH_INTERVAL')),
    sampleRate: asNumber(read('SAMPLE_RATE')),
    debug: asBoolean(read('DEBUG')),
  };
}

function asBoolean(text: string | undefined): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return text as boolean | undefined;
}

function asNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? (text as unknown as number) : value;
}
