import { expect, it, vi } from 'vitest';
import { explainWrong } from './explainWrong.js';

vi.mock('./describeWrong.js', () => {
  throw new Error('it is not there any more');
});

it.each([
  [{ name: 'token', value: 5 }, "config.token does not take this number: see Config in the package's types"],
  [{ name: 'tokn', value: 'x', known: ['token'] }, "config.tokn is no option: see Config in the package's types"],
])('names the option and where it is described, where the words cannot be fetched: %j', async (wrong, said) => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await explainWrong(wrong);
  expect(error.mock.lastCall).toEqual([`[beaconry] telemetry is off: ${said}`]);
});
