import type { Config } from './types.js';

/** Whether telemetry is wanted at this moment, as far as that is known without the wasm. */
export function createFeatureGate(config: Config): () => boolean {
  const { isFeatureEnabled } = config;
  const isRuledOut = config.enabled === false || config.featureFlag?.phase === 'DISABLED';
  return () => {
    if (isRuledOut) return false;
    if (isFeatureEnabled === undefined) return true;
    try {
      return Boolean(isFeatureEnabled('TELEMETRY'));
    } catch {
      return false;
    }
  };
}
