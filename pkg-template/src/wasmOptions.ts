import { ownOnly } from './ownOnly.js';
import type { Config } from './types.js';

/** What of a config goes to the wasm: a copy of all but what only this side knows. */
export function wasmOptions(config: Config): object {
  const { isFeatureEnabled, beforeSend, ignoreErrors, allowUrls, denyUrls, featuresUrl, user, consent, wasm, ...rest } =
    config as Config & { readonly wasm?: unknown };
  const { featureFlag, ...options } = ownOnly(rest);
  const copies = Object.entries(options).map(([name, value]) => [name, Array.isArray(value) ? value.slice(0, MOST) : value]);
  const flag = typeof featureFlag === 'object' && featureFlag !== null ? { featureFlag: ownOnly(featureFlag) } : {};
  return ownOnly({ ...Object.fromEntries(copies), ...flag });
}

/** Of a list: more keys than anyone writes. */
const MOST = 4_000;
