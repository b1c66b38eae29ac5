import { describe, expect, it } from 'vitest';
import { decodeEvents, decodeRecord } from './decodeRecord.ts';

const stored = {
  n: 7,
  type: 'log',
  timestamp: '2026-11-20T10:00:00.000Z',
  received_at: '2026-11-20T10:00:01.000Z',
  message: 'hello',
};

describe('decodeRecord', () => {
  it('reads what it knows and keeps the whole', () => {
    const record = decodeRecord({ ...stored, unheardOf: 1 });
    expect(record).toMatchObject({ n: 7, type: 'log', message: 'hello', closing: false });
    expect(record?.receivedAt).toBe(Date.parse('2026-11-20T10:00:01Z'));
    expect(record?.whole).toEqual({ ...stored, unheardOf: 1 });
  });

  it('takes a field of the wrong kind for an absent one', () => {
    const record = decodeRecord({
      ...stored,
      message: { toString: 'no' },
      value: '3',
      context: [1],
      discards: 'all',
    });
    expect(record).toMatchObject({ message: undefined, value: undefined, context: undefined });
    expect(record?.discards).toEqual([]);
  });

  it('falls back on the time of arrival where the time of making cannot be read', () => {
    const record = decodeRecord({ ...stored, timestamp: 'yesterday' });
    expect(record?.timestamp).toBe(record?.receivedAt);
  });

  it.each([
    ['a list', []],
    ['nothing', null],
    ['no number', { ...stored, n: undefined }],
    ['an unknown type', { ...stored, type: 'constructor' }],
    ['no time', { ...stored, received_at: 'soon' }],
  ])('refuses %s', (_, json) => {
    expect(decodeRecord(json)).toBeUndefined();
  });

  it('reads discards one by one', () => {
    const discards = [{ reason: 'too_old', type: 'log', count: 2 }, { reason: 'x' }, 3];
    expect(decodeRecord({ ...stored, type: 'report', discards })?.discards).toEqual([
      { reason: 'too_old', recordType: 'log', count: 2 },
    ]);
  });
});

describe('decodeEvents', () => {
  it('leaves out what is no record, and keeps the rest', () => {
    const page = decodeEvents({ events: [stored, 'noise'], next: null });
    expect(page?.records.map(({ n }) => n)).toEqual([7]);
    expect(page?.next).toBeUndefined();
  });

  it('is undefined for any other answer', () => {
    expect(decodeEvents({ error: 'no' })).toBeUndefined();
    expect(decodeEvents('<html>')).toBeUndefined();
  });
});
