import { snapshot } from './snapshot.js';
import type { Config } from './types.js';

/**
 * What of a config goes to the wasm: all that is data. What is none, such as a function, goes as
 * its name, so that the wasm's error can say which option it was.
 */
export function wasmOptions(config: Config): object {
  const { isFeatureEnabled, ...options } = snapshot({ ...config }, MOST_OPTIONS) as Record<string, unknown>;
  const isOurs = isFeatureEnabled === undefined || isFeatureEnabled === null || isFeatureEnabled === '[function]';
  return isOurs ? options : { ...options, isFeatureEnabled };
}

/** More than there are, and more `redactKeys` than anyone writes: none may be cut in silence. */
const MOST_OPTIONS = 4_000;
