import type { Wrong } from './checkConfig.js';

/** What an option takes and what it got. Only those download this who got it wrong; `numbers` are `NUMBERS`. */
export function describeWrong({ name, value, known }: Wrong, numbers: Readonly<Record<string, readonly number[]>>): string {
  if (known) return `config has no option \`${name}\`; it takes ${known.join(', ')}`;
  const [, least, most] = numbers[name] ?? [];
  const takes = least === undefined ? TAKES[name] : `a whole number from ${least} to ${most}`;
  return `config.${name} takes ${takes}, got ${describe(value)}`;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

const TEXT = 'a string that is not empty';
const YES_OR_NO = 'true or false';
const SHARE = 'a share from 0 to 1';
const TEXTS = 'a list of strings';
const PATTERNS = 'a list of strings and regular expressions';

const TAKES: Readonly<Record<string, string>> = {
  endpoint: 'the URL of the ingest route, as in https://telemetry.example/api/telemetry/batch',
  token: TEXT,
  app: "1 to 64 letters, digits, '.', '_' or '-'",
  release: TEXT,
  environment: TEXT,
  enabled: YES_OR_NO,
  featureFlag: "'server' or { phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }",
  'featureFlag.phase': "'ENABLED' or 'DISABLED'",
  'featureFlag.rollout': 'a percentage from 0 to 100',
  isFeatureEnabled: 'a function',
  featuresUrl: 'a URL or a path',
  consent: "'granted', 'denied' or 'pending'",
  sampleRate: SHARE,
  tracesSampleRate: SHARE,
  user: '{ id, anonymousId }',
  userIds: "'pseudonym' or 'plain'",
  redactKeys: TEXTS,
  allowQueryKeys: TEXTS,
  beforeSend: 'a function',
  allowUrls: PATTERNS,
  denyUrls: PATTERNS,
  ignoreErrors: PATTERNS,
  debug: YES_OR_NO,
};
