import { expect, it } from 'vitest';
import { aRecord } from '../../test/aRecord.ts';
import { reportedLoss } from './losses.ts';

it('adds up the reports by reason, the greatest first', () => {
  const records = [
    aRecord(1, { type: 'report', discards: [{ reason: 'too_old', count: 2 }] }),
    aRecord(2, {
      type: 'report',
      discards: [
        { reason: 'queue_overflow', count: 10 },
        { reason: 'too_old', count: 1 },
      ],
    }),
    aRecord(3),
  ];
  expect(reportedLoss(records)).toEqual({
    reports: 2,
    records: 13,
    byReason: [
      ['queue_overflow', 10],
      ['too_old', 3],
    ],
  });
});

it('is undefined where nothing was lost', () => {
  expect(reportedLoss([aRecord(1), aRecord(2, { type: 'report', closing: true })])).toBeUndefined();
});
