import type { Config } from './types.js';

/**
 * Checks the options that only this side knows, with the words of the wasm, which checks all others.
 * Throws what is wrong: the option, what it got and what it takes.
 */
export function checkConfig(config: Config): void {
  const check = (name: keyof Config, takes: string, isRight: (value: unknown) => boolean): void => {
    const value: unknown = config[name];
    if (value !== undefined && value !== null && !isRight(value)) throw wrong(name, takes, value);
  };
  check('isFeatureEnabled', 'a function', isFunction);
  check('beforeSend', 'a function', isFunction);
  check('featuresUrl', 'a URL or a path', (value) => typeof value === 'string' && value !== '');
  check('user', '{ id, anonymousId }', (value) => typeof value === 'object');
  const flag = "'server' or { phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }";
  check('featureFlag', flag, (value) => value === 'server' || (typeof value === 'object' && !Array.isArray(value)));
  for (const name of ['ignoreErrors', 'allowUrls', 'denyUrls'] as const) {
    const takes = 'a list of strings and regular expressions';
    check(name, takes, Array.isArray);
    const stranger = config[name]?.find((item: unknown) => typeof item !== 'string' && !isRegExp(item));
    if (stranger !== undefined) throw wrong(name, takes, stranger);
  }
}

function wrong(name: string, takes: string, got: unknown): RangeError {
  return new RangeError(`config.${name} takes ${takes}, got ${describe(got)}`);
}

/** As the wasm describes what it got. */
function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'object') return value === null ? 'nothing' : Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

/** Also of another window, whose `RegExp` is not ours. */
function isRegExp(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}
