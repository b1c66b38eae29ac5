import { expect, it } from 'vitest';
import { checkConfig } from './checkConfig.js';

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
])('names what is wrong with %s: %j', (name, value, takes) => {
  const config = { endpoint: '/ingest', [name]: value } as never;
  expect(() => checkConfig(config)).toThrow(new RangeError(`config.${name} takes ${takes}`));
});

it('takes what is right, and nothing for everything', () => {
  const names = ['isFeatureEnabled', 'beforeSend', 'featuresUrl', 'user', 'featureFlag', 'ignoreErrors', 'allowUrls'];
  for (const nothing of [undefined, null])
    checkConfig({ endpoint: '/i', ...Object.fromEntries(names.map((name) => [name, nothing])) });
  const rules = { ignoreErrors: ['x', /y/g], allowUrls: [], denyUrls: [/z/] };
  checkConfig({ endpoint: '/i', beforeSend: () => null, featureFlag: 'server', user: {}, ...rules });
});
