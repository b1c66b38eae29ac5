import { describe, expect, it } from 'vitest';
import { aRecord } from '../../test/aRecord.ts';
import { describeRecord, previewContext } from './describeRecord.ts';

describe('describeRecord', () => {
  it.each([
    [{ type: 'log', level: 'warn', message: 'slow' }, 'slow', 'warn', 'warn'],
    [{ type: 'log', message: '' }, '(no text)', '', 'plain'],
    [{ type: 'error', errorType: 'TypeError', message: 'x is undefined', severity: 'error', handled: false }, 'TypeError: x is undefined', 'uncaught', 'bad'],
    [{ type: 'error', message: 'boom', severity: 'critical', handled: true }, 'boom', 'critical', 'bad'],
    [{ type: 'metric', name: 'cache_hits', value: 1234.56789 }, 'cache_hits', '1,234.568', 'plain'],
    [{ type: 'metric', name: 'load', value: 12, unit: 'ms' }, 'load', '12 ms', 'plain'],
    [{ type: 'trace', name: 'api.call', duration: 2450 }, 'api.call', '2.5 s', 'plain'],
    [{ type: 'vital', name: 'LCP', value: 4210, rating: 'poor' }, 'LCP', '4,210 ms · poor', 'bad'],
    [{ type: 'vital', name: 'CLS', value: 0.05, rating: 'good' }, 'CLS', '0.05 · good', 'plain'],
    [{ type: 'event', name: 'action', action: 'save', duration: 80 }, 'action', 'save · 80 ms', 'plain'],
    [{ type: 'feedback', message: 'Nice' }, 'Nice', '', 'plain'],
    [{ type: 'report', closing: true }, 'stream closed', 'nothing lost', 'plain'],
    [{ type: 'report', discards: [{ reason: 'too_old', count: 1 }] }, '1 record lost', 'too old 1', 'lost'],
  ])('%o', (fields, title, detail, tone) => {
    expect(describeRecord(aRecord(1, fields))).toEqual({ title, detail, tone });
  });

  it('cuts a text that no row can show', () => {
    const { title } = describeRecord(aRecord(1, { message: 'x'.repeat(9_000) }));
    expect(title).toHaveLength(241);
  });
});

describe('previewContext', () => {
  it('shows the first entries on one line', () => {
    expect(previewContext({ a: 'text', b: 2, c: { d: [true] }, e: null, f: 'left out' })).toBe(
      'a=text  b=2  c={"d":[true]}  e=null',
    );
    expect(previewContext(undefined)).toBe('');
  });
});
