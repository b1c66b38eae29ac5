import { expect, it } from 'vitest';
import { checkConfig } from './checkConfig.js';
import { describeWrong } from './describeWrong.js';
import { NUMBERS } from './flat.js';

/** What a person is told of it. */
function said(config: object): string | undefined {
  const wrong = checkConfig({ endpoint: '/i', ...config });
  return wrong && describeWrong(wrong, NUMBERS);
}

const flag = "'server' or { phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }";
const list = 'a list of strings and regular expressions';

it.each([
  ['isFeatureEnabled', true, 'a function, got true'],
  ['beforeSend', 'drop', "a function, got 'drop'"],
  ['featuresUrl', 7, 'a URL or a path, got 7'],
  ['user', 'ann', "{ id, anonymousId }, got 'ann'"],
  ['featureFlag', 'servre', `${flag}, got 'servre'`],
  ['featureFlag', [], `${flag}, got a list`],
  ['ignoreErrors', 7, `${list}, got 7`],
  ['allowUrls', 'https://app.example', `${list}, got 'https://app.example'`],
  ['denyUrls', ['a', {}], `${list}, got an object`],
  ['denyUrls', [() => 1], `${list}, got a function`],
  ['batchSize', 0, 'a whole number from 1 to 1000, got 0'],
  ['batchSize', 1001, 'a whole number from 1 to 1000, got 1001'],
  ['batchSize', -5, 'a whole number from 1 to 1000, got -5'],
  ['batchSize', Number.NaN, 'a whole number from 1 to 1000, got NaN'],
  ['flushIntervalMs', 0.5, 'a whole number from 100 to 86400000, got 0.5'],
  ['maxQueueBytes', 'ten', "a whole number from 16384 to 67108864, got 'ten'"],
  ['enabled', 'yes', "true or false, got 'yes'"],
  ['debug', 1, 'true or false, got 1'],
  ['token', '', "a string that is not empty, got ''"],
  ['release', {}, 'a string that is not empty, got an object'],
  ['app', 'a/b', "1 to 64 letters, digits, '.', '_' or '-', got 'a/b'"],
  ['app', 'x'.repeat(65), `1 to 64 letters, digits, '.', '_' or '-', got '${'x'.repeat(60)}'`],
  ['consent', 'yes', "'granted', 'denied' or 'pending', got 'yes'"],
  ['userIds', 'hash', "'pseudonym' or 'plain', got 'hash'"],
  ['sampleRate', 1.01, 'a share from 0 to 1, got 1.01'],
  ['tracesSampleRate', true, 'a share from 0 to 1, got true'],
  ['redactKeys', 'name', "a list of strings, got 'name'"],
  ['allowQueryKeys', ['tab', 7], 'a list of strings, got 7'],
])('names what is wrong with %s: %j', (name, value, takes) => {
  expect(said({ [name]: value })).toBe(`config.${name} takes ${takes}`);
});

it.each(['', 'ftp://x', 'https://', 'https:///x', 'telemetry', 'https:// x', undefined, null, 7])('refuses the endpoint %j', (endpoint) => {
  const takes = 'config.endpoint takes the URL of the ingest route, as in https://telemetry.example/api/telemetry/batch';
  expect(said({ endpoint })).toContain(`${takes}, got `);
});

it('names what is wrong inside of the flag, and an option that does not exist', () => {
  const phase = "config.featureFlag.phase takes 'ENABLED' or 'DISABLED', got 'ON'";
  expect(said({ featureFlag: { phase: 'ON' } })).toBe(phase);
  expect(said({ featureFlag: { rollout: 101 } })).toBe('config.featureFlag.rollout takes a percentage from 0 to 100, got 101');
  expect(said({ batchsize: 1 })).toContain('config has no option `batchsize`; it takes endpoint, token, app, ');
});

it('takes what is right, and nothing for everything', () => {
  const names = ['isFeatureEnabled', 'beforeSend', 'featuresUrl', 'user', 'featureFlag', 'ignoreErrors', 'allowUrls'];
  for (const nothing of [undefined, null])
    expect(said(Object.fromEntries(names.map((name) => [name, nothing])))).toBeUndefined();
  const rules = { ignoreErrors: ['x', /y/g], allowUrls: [], denyUrls: [/z/] };
  expect(said({ beforeSend: () => null, featureFlag: 'server', user: {}, ...rules })).toBeUndefined();
});
