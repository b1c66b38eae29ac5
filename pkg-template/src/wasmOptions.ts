import { ownOnly } from './ownOnly.js';
import { snapshot } from './snapshot.js';
import type { Config } from './types.js';

/**
 * What of a config goes to the wasm: all but what only this side knows. What is no data, such as a
 * function, goes as its name, so that an error can say which option it was.
 */
export function wasmOptions(config: Config): object {
  const { isFeatureEnabled, beforeSend, ignoreErrors, allowUrls, denyUrls, featuresUrl, user, consent, wasm, ...rest } =
    config as Config & { readonly wasm?: unknown };
  const { featureFlag, ...options } = ownOnly(snapshot(rest, MOST_OPTIONS) as Record<string, unknown>);
  return featureFlag === undefined || featureFlag === 'server' ? options : { ...options, featureFlag };
}

/** More than there are, and more `redactKeys` than anyone writes: none may be cut in silence. */
const MOST_OPTIONS = 4_000;
