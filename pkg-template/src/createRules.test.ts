import { expect, it } from 'vitest';
import { createRules } from './createRules.js';
import type { Call } from './makeRecord.js';

const log: Call = { type: 'log', fields: { level: 'info', message: 'x' }, context: undefined };
const rules = (options: object) => createRules({ endpoint: '/i', ...options });

it('are there at once where an app gives none, and leave a call as it is', () => {
  const none = rules({ ignoreErrors: [], allowUrls: undefined });
  expect(none.areThere()).toBe(true);
  expect(none.judge(log)).toBe(log);
});

it.each([{ beforeSend: () => null }, { ignoreErrors: ['x'] }, { allowUrls: [/x/] }, { denyUrls: ['x'] }])(
  'are not there before they are fetched: %j',
  async (options) => {
    const some = rules(options);
    expect(some.areThere()).toBe(false);
    await some.fetch();
    expect(some.areThere()).toBe(true);
  },
);

it('are those of the app', async () => {
  const some = rules({ beforeSend: () => null });
  await some.fetch();
  expect(some.judge(log)).toBe('before_send');
});
