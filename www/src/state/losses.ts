// Data that did not make it, as far as this page knows. Pure.

import type { StoredRecord } from '../api/types.ts';

/** What clients said they lost. */
export interface ReportedLoss {
  readonly reports: number;
  readonly records: number;
  readonly byReason: readonly (readonly [reason: string, count: number])[];
}

/** Undefined where no report among these records tells of a loss. */
export function reportedLoss(records: readonly StoredRecord[]): ReportedLoss | undefined {
  const reports = records.filter((record) => record.discards.length > 0);
  const byReason = new Map<string, number>();
  for (const { reason, count } of reports.flatMap((report) => report.discards)) {
    byReason.set(reason, (byReason.get(reason) ?? 0) + count);
  }
  const lost = [...byReason.values()].reduce((total, count) => total + count, 0);
  if (lost === 0) return undefined;
  return {
    reports: reports.length,
    records: lost,
    byReason: [...byReason].sort(([, a], [, b]) => b - a),
  };
}
