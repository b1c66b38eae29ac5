// What a list says about a record: one line, and how much it matters.

import type { JsonObject, StoredRecord } from '../api/types.ts';
import { countOf, formatValue } from './numbers.ts';
import { formatDuration } from './times.ts';

export type Tone = 'plain' | 'warn' | 'bad' | 'lost';

export interface Description {
  readonly title: string;
  /** A word or two beside the title: a level, a rating, a duration. */
  readonly detail: string;
  readonly tone: Tone;
}

export function describeRecord(record: StoredRecord): Description {
  switch (record.type) {
    case 'log':
      return describe(record.message, record.level, toneOfLevel(record.level));
    case 'error':
      return describe(errorTitle(record), errorDetail(record), 'bad');
    case 'metric':
      return describe(record.name, measured(record.value, record.unit));
    case 'trace':
      return describe(record.name, lasted(record.duration));
    case 'vital':
      return describe(record.name, vitalDetail(record), toneOfRating(record.rating));
    case 'event':
      return describe(record.name, joined(record.action, lasted(record.duration)));
    case 'feedback':
      return describe(record.message, undefined);
    case 'report':
      return describeReport(record);
  }
}

/** The first entries of a context as `key=value`, for the quiet part of a row. */
export function previewContext(context: JsonObject | undefined): string {
  if (!context) return '';
  return cut(
    Object.entries(context)
      .slice(0, PREVIEWED_KEYS)
      .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join('  '),
  );
}

/** A reason on the wire as words: `queue_overflow` becomes `queue overflow`. */
export function wordsOf(reason: string): string {
  return cut(reason.replaceAll('_', ' '));
}

function describeReport(record: StoredRecord): Description {
  const lost = record.discards.reduce((sum, discard) => sum + discard.count, 0);
  if (lost > 0) {
    const reasons = record.discards.map((discard) => `${wordsOf(discard.reason)} ${discard.count}`);
    return describe(`${countOf(lost, 'record')} lost`, reasons.join(', '), 'lost');
  }
  return describe(record.closing ? 'stream closed' : 'report', 'nothing lost');
}

function describe(title: string | undefined, detail = '', tone: Tone = 'plain'): Description {
  return { title: cut(title || '(no text)'), detail: cut(detail), tone };
}

function errorTitle(record: StoredRecord): string {
  return [record.errorType, record.message].filter(Boolean).join(': ');
}

function errorDetail(record: StoredRecord): string {
  // A plain error needs no word for its severity.
  const severity = record.severity === 'error' ? undefined : record.severity;
  return joined(severity, record.handled === false ? 'uncaught' : undefined);
}

function vitalDetail(record: StoredRecord): string {
  const unit = record.name === 'CLS' ? undefined : 'ms';
  return joined(measured(record.value, unit), record.rating?.replaceAll('-', ' '));
}

function measured(value: number | undefined, unit: string | undefined): string {
  if (value === undefined) return '';
  return unit ? `${formatValue(value)} ${unit}` : formatValue(value);
}

function lasted(duration: number | undefined): string {
  return duration === undefined ? '' : formatDuration(duration);
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ');
}

function toneOfLevel(level: string | undefined): Tone {
  return level === 'error' ? 'bad' : level === 'warn' ? 'warn' : 'plain';
}

function toneOfRating(rating: string | undefined): Tone {
  return rating === 'poor' ? 'bad' : rating === 'needs-improvement' ? 'warn' : 'plain';
}

/** A row shows one line; the details show everything. */
function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

const LONGEST_TEXT = 240;
const PREVIEWED_KEYS = 4;
