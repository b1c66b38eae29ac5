import type { Config } from '../types.js';

/**
 * Whether records may leave without having been seen by the client: only where nothing of the config, and nothing
 * that the server ever said, could keep one back. `consent` is what the app has said since.
 */
export function maySend(config: Config, consent: unknown): boolean {
  const { globalPrivacyControl } = navigator as { readonly globalPrivacyControl?: boolean };
  const allowed = consent ?? config.consent ?? (globalPrivacyControl || 'granted');
  if (config.enabled === false || allowed !== 'granted' || RULE.test(String(Object.keys(config)))) return false;
  try {
    return !localStorage['beaconry:features:' + (config.app ?? 'default')];
  } catch {
    return true;
  }
}

/** `featureFlag`, `isFeatureEnabled`, `beforeSend`, `ignoreErrors`, `allowUrls`, `denyUrls` and the two sample rates. */
const RULE = /eature|before|ignore|Urls|Rate/;
