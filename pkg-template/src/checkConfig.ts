import { isConsent } from './consent.js';
import { NUMBERS } from './flat.js';
import type { Config } from './types.js';

/** Throws what is wrong with a config: the option, what it got and what it takes. */
export function checkConfig(config: Config): void {
  check(RULES, config, 'config.');
  if (typeof config.featureFlag === 'object') check(FLAG, config.featureFlag ?? {}, 'config.featureFlag.');
  const names = Object.keys(RULES);
  for (const [name, value] of Object.entries(config))
    if (!isNothing(value) && !names.includes(name) && name !== 'wasm')
      throw new RangeError(`config has no option \`${name}\`; it takes ${names.join(', ')}`);
}

function check(rules: Rules, given: object, prefix: string): void {
  for (const [name, [takes, isRight, isItem]] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    // The one option without which there is nothing to do.
    if (isNothing(value) && name !== 'endpoint') continue;
    const items = isItem && Array.isArray(value) ? value : [value];
    const wrong = items.filter((item) => !(items === value ? isItem! : isRight)(item));
    if (wrong.length > 0) throw new RangeError(`${prefix}${name} takes ${takes}, got ${describe(wrong[0])}`);
  }
}

function describe(value: unknown): string {
  if (isNothing(value)) return 'nothing';
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;
const is = (type: string) => (value: unknown): boolean => typeof value === type;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const fits = (pattern: RegExp) => (value: unknown): boolean => typeof value === 'string' && pattern.test(value);
const isUpTo = (most: number) => (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= most;
const isFlag = (value: unknown): boolean => value === 'server' || (typeof value === 'object' && !Array.isArray(value));
/** Also of another window, whose `RegExp` is not ours. */
const isPattern = (value: unknown): boolean =>
  typeof value === 'string' || Object.prototype.toString.call(value) === '[object RegExp]';

/** What an option takes, and whether a value is right; of a list, whether an item is. */
type Rule = readonly [takes: string, isRight: (value: unknown) => boolean, isItem?: (value: unknown) => boolean];
type Rules = Readonly<Record<string, Rule>>;

const TEXT: Rule = ['a string that is not empty', isText];
const YES_OR_NO: Rule = ['true or false', is('boolean')];
const FUNCTION: Rule = ['a function', is('function')];
const SHARE: Rule = ['a share from 0 to 1', isUpTo(1)];
const TEXTS: Rule = ['a list of strings', Array.isArray, is('string')];
const PATTERNS: Rule = ['a list of strings and regular expressions', Array.isArray, isPattern];

function whole([, least, most]: readonly number[]): Rule {
  const isRight = (value: unknown) => Number.isInteger(value) && (value as number) >= least! && (value as number) <= most!;
  return [`a whole number from ${least} to ${most}`, isRight];
}

const RULES: Rules = {
  endpoint: [
    'the URL of the ingest route, as in https://telemetry.example/api/telemetry/batch',
    fits(/^(\/|https?:\/\/(?!\/)[^\0- ]+$)/),
  ],
  token: TEXT,
  app: ["1 to 64 letters, digits, '.', '_' or '-'", fits(/^[\w.-]{1,64}$/)],
  release: TEXT,
  environment: TEXT,
  enabled: YES_OR_NO,
  featureFlag: ["'server' or { phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }", isFlag],
  isFeatureEnabled: FUNCTION,
  featuresUrl: ['a URL or a path', isText],
  consent: ["'granted', 'denied' or 'pending'", isConsent],
  sampleRate: SHARE,
  tracesSampleRate: SHARE,
  user: ['{ id, anonymousId }', is('object')],
  userIds: ["'pseudonym' or 'plain'", fits(/^(pseudonym|plain)$/)],
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, bounds]) => [name, whole(bounds)])),
  redactKeys: TEXTS,
  allowQueryKeys: TEXTS,
  beforeSend: FUNCTION,
  allowUrls: PATTERNS,
  denyUrls: PATTERNS,
  ignoreErrors: PATTERNS,
  debug: YES_OR_NO,
};
const FLAG: Rules = {
  phase: ["'ENABLED' or 'DISABLED'", fits(/^(ENABLED|DISABLED)$/)],
  rollout: ['a percentage from 0 to 100', isUpTo(100)],
};
