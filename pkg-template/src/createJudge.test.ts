import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createJudge } from './createJudge.js';
import type { Call } from './makeRecord.js';
import type { Config } from './types.js';

const call = (type: Call['type'], fields: Call['fields'], context?: object): Call => ({ type, fields, context });
const log = call('log', { level: 'info', message: 'x' }, { topic: 'Math' });
const judge = (rules: Partial<Config>, one: Call) => createJudge({ endpoint: '/i', ...rules })?.(one);
const thrown = (error: unknown) => call('error', { thrown: error, handled: true });
const kinds = (type: string, message: string, stack = '') => Object.assign(new Error(message), { name: type, stack });

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

describe('beforeSend', () => {
  it('sees a plain copy of each kind of record', () => {
    const seen: unknown[] = [];
    const beforeSend: Config['beforeSend'] = (record) => void seen.push(record);
    const check = createJudge({ endpoint: '/i', beforeSend });
    check?.(log);
    check?.(call('metric', { name: 'a', value: 1 }));
    check?.(call('trace', { name: 'b', duration: 2, traceId: undefined, extra: 1 }, { deep: { a: 1 } }));
    check?.(thrown(kinds('TypeError', 'wrong', 'at f')));
    check?.(thrown(undefined));
    check?.(call('event', { name: 'c' }));
    expect(seen).toEqual([
      { type: 'log', level: 'info', message: 'x', context: { topic: 'Math' } },
      { type: 'metric', name: 'a', value: 1, context: {} },
      { type: 'trace', name: 'b', duration: 2, context: { deep: { a: 1 } } },
      { type: 'error', errorType: 'TypeError', message: 'wrong', stack: 'at f', handled: true, context: {} },
      { type: 'error', errorType: 'Error', message: 'undefined was thrown', handled: true, context: {} },
      { type: 'event', name: 'c', context: {} },
    ]);
  });

  it('is given a copy: what it changes and does not give back changes nothing', () => {
    const beforeSend = (record: { context: Record<string, unknown> }) => {
      record.context['topic'] = 'changed';
      return null;
    };
    expect(judge({ beforeSend }, log)).toBe('before_send');
    expect(log.context).toEqual({ topic: 'Math' });
  });

  it('sees what was left out of a list, and what it gives back is still marked', () => {
    const list = Array.from({ length: 50 }, (_, at) => at);
    const made = judge({ beforeSend: (record) => record }, call('event', { name: 'a' }, { list })) as Call;
    expect(made.context).toEqual({ list: [...list.slice(0, 32), '[cut]'] });
  });

  it('says what is recorded instead, but not its type, and no other fields', () => {
    const answer = { type: 'error', level: 'warn', message: 'y', stack: 'z', context: { a: 1 } };
    const made = judge({ beforeSend: () => answer as never }, log);
    expect(made).toEqual(call('log', { level: 'warn', message: 'y' }, { a: 1 }));
  });

  it('changes an error', () => {
    const beforeSend: Config['beforeSend'] = (record) => Object.assign(record, { message: 'clean', context: { a: 1 } });
    const made = judge({ beforeSend }, thrown(kinds('TypeError', 'secret', 'at f'))) as Call;
    expect(made.fields).toEqual({ thrown: { name: 'TypeError', message: 'clean', stack: 'at f' }, handled: true });
    expect(made.context).toEqual({ a: 1 });
  });

  it.each([null, undefined, false, 0, 'text'])('that gives back %j drops the record', (answer) => {
    expect(judge({ beforeSend: () => answer as never }, log)).toBe('before_send');
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('that throws drops the record, since it may be the one that takes secrets out, and says so once', () => {
    const beforeSend = () => {
      throw new Error('from the app');
    };
    const check = createJudge({ endpoint: '/i', beforeSend });
    expect([check?.(log), check?.(log)]).toEqual(['before_send', 'before_send']);
    expect(vi.mocked(console.warn).mock.calls).toEqual([['[beaconry] beforeSend drops records, since it throws']]);
  });

  it('that is asynchronous drops the record, and its rejection reaches nobody', async () => {
    const beforeSend = (async () => Promise.reject(new Error('from the app'))) as never;
    expect(judge({ beforeSend }, log)).toBe('before_send');
    await new Promise((resolve) => setImmediate(resolve));
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it('is not asked about what it records itself', () => {
    let inner: unknown;
    const check = createJudge({ endpoint: '/i', beforeSend: (record) => ((inner = check?.(log)), record) });
    expect(check?.(log)).toEqual(log);
    expect(inner).toBe('before_send');
  });

  it('gives back what is hostile, and it is named as anywhere', () => {
    const answer = { level: 'info', get message(): string { throw new Error('from the app'); } };
    expect(judge({ beforeSend: () => answer as never }, log)).toBe('before_send');
    const deep = { level: 'info', message: 'x', context: { call: () => 1 } };
    expect(judge({ beforeSend: () => deep as never }, log)).toEqual(call('log', { level: 'info', message: 'x' }, { call: '[function]' }));
  });
});

describe('filters', () => {
  it.each([
    [['ResizeObserver'], 'filtered'],
    [['TypeError: Resize'], 'filtered'],
    [[/^TypeError: R.*loop$/], 'filtered'],
    [['resize'], undefined],
    [[/^ResizeObserver/], undefined],
    [[], undefined],
  ])('ignoreErrors %j', (ignoreErrors, verdict) => {
    const one = thrown(kinds('TypeError', 'ResizeObserver loop'));
    expect(judge({ ignoreErrors }, one)).toEqual(verdict ?? one);
  });

  it('an expression with a state gives the same answer each time, and keeps its state', () => {
    const pattern = /x/g;
    const check = createJudge({ endpoint: '/i', ignoreErrors: [pattern] });
    const verdicts = [1, 2, 3, 4].map(() => check?.(thrown('xx')));
    expect(verdicts).toEqual(['filtered', 'filtered', 'filtered', 'filtered']);
    expect(pattern.lastIndex).toBe(0);
  });

  it('tests no more than a thousand characters', () => {
    const one = thrown(`${'a'.repeat(2_000)}needle`);
    expect(judge({ ignoreErrors: ['needle'] }, one)).toBe(one);
  });

  it('leave everything but errors alone', () => {
    expect(judge({ ignoreErrors: ['x'] }, log)).toBe(log);
  });

  it('hand on what was thrown itself', () => {
    const one = thrown(kinds('Error', 'other'));
    expect(judge({ ignoreErrors: ['x'] }, one)).toBe(one);
  });

  const chrome = 'Error: at https://not.this/one\n    at f (https://cdn.example/lib.js:1:2)\n    at https://app.example/main.js:3:4';
  const firefox = 'f@https://cdn.example/lib.js:1:2\n@https://app.example/main.js:3:4';
  const anonymous = 'Error: x\n    at https://cdn.example/lib.js:1:2';

  it.each([chrome, firefox, anonymous])('look at the script at the top of %j', (stack) => {
    const one = thrown(kinds('Error', 'x', stack));
    expect(judge({ denyUrls: ['cdn.example'] }, one)).toBe('filtered');
    expect(judge({ denyUrls: [/app\.example/] }, one)).toBe(one);
    expect(judge({ allowUrls: [/app\.example/] }, one)).toBe('filtered');
    expect(judge({ allowUrls: ['cdn.example/lib.js'] }, one)).toBe(one);
    expect(judge({ allowUrls: ['cdn.example'], denyUrls: ['lib.js'] }, one)).toBe('filtered');
  });

  it('keep an error of which nobody knows where it comes from', () => {
    const one = thrown('text');
    expect(judge({ allowUrls: ['app.example'] }, one)).toBe(one);
  });
});
