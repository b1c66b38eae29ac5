import type { Config } from '../types.js';

/**
 * Whether records may leave without having been seen by the client: only where nothing of the config, and nothing
 * that the server ever said, could keep one back.
 */
export function maySend(config: Config, consent: unknown): boolean {
  if (config.enabled === false || consent !== 'granted' || RULE.test(`${Object.keys(config)}`)) return false;
  try {
    return !localStorage['beaconry:features:' + (config.app ?? 'default')];
  } catch {
    return true;
  }
}

/** What holds before anyone said so. Global Privacy Control is a no, unless the app says yes. */
export function firstConsent({ consent }: Config): unknown {
  return consent !== 'granted' && (navigator as { readonly globalPrivacyControl?: boolean }).globalPrivacyControl ? 'denied' : (consent ?? 'granted');
}

/** `featureFlag`, `isFeatureEnabled`, `beforeSend`, `ignoreErrors`, `allowUrls`, `denyUrls` and the two sample rates. */
const RULE = /eature|before|ignore|Urls|Rate/;
