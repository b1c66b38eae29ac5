import type { Config } from './types.js';

/** Whether telemetry is wanted at this moment, as far as that is known without the wasm. */
export function createFeatureGate(config: Config): () => boolean {
  const { isFeatureEnabled, enabled, featureFlag } = config;
  const isRuledOut = enabled === false || featureFlag?.phase === 'DISABLED' || featureFlag?.rollout === 0;
  let isAsking = false;
  let answer = false;
  return () => {
    if (isRuledOut) return false;
    // What is no function is left to the wasm, which names it.
    if (typeof isFeatureEnabled !== 'function') return true;
    // An app whose flags log would ask for ever.
    if (isAsking) return answer;
    isAsking = true;
    try {
      answer = Boolean(isFeatureEnabled('TELEMETRY'));
    } catch {
      answer = false;
    } finally {
      isAsking = false;
    }
    return answer;
  };
}
