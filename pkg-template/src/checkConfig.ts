import { isConsent } from './consent.js';
import { NUMBERS } from './flat.js';
import type { Config } from './types.js';

/** An option that is not what it takes, or that there is not. */
export interface Wrong {
  readonly name: string;
  readonly value: unknown;
  /** The names of all options, where this is none of them. */
  readonly known?: readonly string[];
}

/** What is wrong with a config, if anything is. What an option takes is said by `describeWrong`. */
export function checkConfig(config: Config): Wrong | undefined {
  const wrong = check(RULES, config, '') ?? check(FLAG, config.featureFlag, 'featureFlag.');
  const known = Object.keys(RULES);
  const isStrange = ([name, value]: [string, unknown]) => !isNothing(value) && !known.includes(name) && name !== 'wasm';
  const stranger = wrong ?? Object.entries(config).find(isStrange);
  return Array.isArray(stranger) ? { name: stranger[0], value: stranger[1], known } : stranger;
}

function check(rules: Rules, given: unknown, prefix: string): Wrong | undefined {
  for (const [name, [isRight, isItem]] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    // The one option without which there is nothing to do.
    if (isNothing(value) && name !== 'endpoint') continue;
    const isList = isItem && Array.isArray(value);
    const wrong = (isList ? value : [value]).filter((item) => !(isList ? isItem : isRight)(item));
    if (wrong.length > 0) return { name: prefix + name, value: wrong[0] };
  }
  return undefined;
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;
const is = (type: string) => (value: unknown): boolean => typeof value === type;
const fits = (pattern: RegExp) => (value: unknown): boolean => typeof value === 'string' && pattern.test(value);
const isUpTo = (most: number) => (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= most;
const isFlag = (value: unknown): boolean => value === 'server' || (typeof value === 'object' && !Array.isArray(value));
/** Also of another window, whose `RegExp` is not ours. */
const isPattern = (value: unknown): boolean =>
  typeof value === 'string' || Object.prototype.toString.call(value) === '[object RegExp]';

/** Whether a value is right; of a list, whether an item is. */
type Rule = readonly [isRight: (value: unknown) => boolean, isItem?: (value: unknown) => boolean];
type Rules = Readonly<Record<string, Rule>>;

const TEXT: Rule = [fits(/^[^]/)];
const YES_OR_NO: Rule = [is('boolean')];
const FUNCTION: Rule = [is('function')];
const SHARE: Rule = [isUpTo(1)];
const TEXTS: Rule = [Array.isArray, is('string')];
const PATTERNS: Rule = [Array.isArray, isPattern];

function whole([, least, most]: readonly number[]): Rule {
  return [(value) => Number.isInteger(value) && (value as number) >= least! && (value as number) <= most!];
}

const RULES: Rules = {
  endpoint: [fits(/^(\/|https?:\/\/(?!\/)[^\0- ]+$)/)],
  token: TEXT,
  app: [fits(/^[\w.-]{1,64}$/)],
  release: TEXT,
  environment: TEXT,
  enabled: YES_OR_NO,
  featureFlag: [isFlag],
  isFeatureEnabled: FUNCTION,
  featuresUrl: TEXT,
  consent: [isConsent],
  sampleRate: SHARE,
  tracesSampleRate: SHARE,
  user: [is('object')],
  userIds: [fits(/^(pseudonym|plain)$/)],
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, bounds]) => [name, whole(bounds)])),
  redactKeys: TEXTS,
  allowQueryKeys: TEXTS,
  beforeSend: FUNCTION,
  allowUrls: PATTERNS,
  denyUrls: PATTERNS,
  ignoreErrors: PATTERNS,
  debug: YES_OR_NO,
};
const FLAG: Rules = { phase: [fits(/^(ENABLED|DISABLED)$/)], rollout: [isUpTo(100)] };
