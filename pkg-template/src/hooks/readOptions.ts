import { attempt } from './attempt.js';
import { advise } from './start.js';
import type { Telemetry } from './types.js';

/** What an option takes, in words, whether a value is that, and its default. */
export type Rule<T> = readonly [takes: string, isRight: (value: unknown) => boolean, otherwise: T];

/** The options of a hook; one that is wrong is named in debug mode, and its default holds. */
export function readOptions<T extends object>(
  telemetry: Telemetry,
  hook: string,
  given: unknown,
  rules: { readonly [K in keyof T]: Rule<T[K]> },
): T {
  const names = Object.keys(rules) as (keyof T & string)[];
  const options = Object.fromEntries(names.map((name) => [name, rules[name][2]])) as T;
  if (given === undefined || given === null) return options;
  if (typeof given !== 'object') {
    advise(telemetry, `${hook}() takes { ${names.join(', ')} }, got a ${typeof given}`);
    return options;
  }
  for (const name of attempt(() => Object.keys(given)) ?? []) {
    if (!names.includes(name as keyof T & string)) {
      advise(telemetry, `${hook}() takes no option ${name}, only ${names.join(', ')}`);
      continue;
    }
    const value = attempt(() => (given as Record<string, unknown>)[name]);
    const [takes, isRight] = rules[name as keyof T];
    if (value === undefined) continue;
    if (isRight(value)) options[name as keyof T] = value as T[keyof T];
    else advise(telemetry, `${hook}({ ${name} }) takes ${takes}, got ${attempt(() => JSON.stringify(value)) ?? typeof value}`);
  }
  return options;
}

export function yesOrNo(otherwise: boolean): Rule<boolean> {
  return ['true or false', (value) => typeof value === 'boolean', otherwise];
}

export function wholeNumber(least: number, most: number, otherwise: number): Rule<number> {
  const isRight = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return [`a whole number from ${least} to ${most}`, isRight, otherwise];
}

export function oneOf<T extends string>(values: readonly T[], otherwise: T): Rule<T> {
  return [values.map((value) => `'${value}'`).join(' or '), (value) => values.includes(value as T), otherwise];
}

export function listOf<T extends string>(takes: string, isItem: (item: unknown) => boolean, otherwise: readonly T[]): Rule<readonly T[]> {
  return [takes, (value) => Array.isArray(value) && value.every(isItem), otherwise];
}
