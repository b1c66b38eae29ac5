// What the query API answers, after it has been checked. The decoders beside this file are the
// only makers of these types, so a view never meets a field that it did not ask for.

/** Every record type, in the order in which the chart stacks them and the filter lists them. */
export const RECORD_TYPES = [
  'error',
  'event',
  'log',
  'metric',
  'trace',
  'vital',
  'feedback',
  'report',
] as const;

export type RecordType = (typeof RECORD_TYPES)[number];

export type JsonObject = { readonly [key: string]: unknown };

/** The answer of `GET /api/health`. */
export interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly stored: number;
  readonly indexed: number;
  readonly indexLag: number;
  /** Epoch milliseconds; nothing has arrived yet where it is undefined. */
  readonly lastEventAt: number | undefined;
  readonly damagedLines: number;
  /** Whether the server asks who is there. */
  readonly hasLogin: boolean;
}

/** How many records of each type; a type that did not occur has no entry. */
export type CountByType = { readonly [type in RecordType]?: number };

/** The records of one minute. */
export interface MinutePoint {
  /** Epoch milliseconds of the minute's begin. */
  readonly minute: number;
  readonly byType: CountByType;
}

/** The answer of `GET /api/telemetry?days=1&bucket=minute`: minutes without records are absent. */
export interface Counts {
  readonly total: number;
  readonly uniqueSessions: number;
  readonly uniqueUsers: number;
  readonly byType: CountByType;
  readonly points: readonly MinutePoint[];
}

/** One entry of a report's losses. */
export interface Discard {
  readonly reason: string;
  readonly recordType: string | undefined;
  readonly count: number;
}

/** One stored record: what a list needs of it, and the whole as it came. */
export interface StoredRecord {
  /** Its place in the store; later records have greater numbers. */
  readonly n: number;
  readonly type: RecordType;
  /** When it happened, epoch milliseconds by the maker's clock. */
  readonly timestamp: number;
  /** When the server took it in, epoch milliseconds. */
  readonly receivedAt: number;
  readonly app: string | undefined;
  readonly page: string | undefined;
  readonly sessionId: string | undefined;
  readonly level: string | undefined;
  readonly message: string | undefined;
  readonly errorType: string | undefined;
  readonly stack: string | undefined;
  readonly severity: string | undefined;
  readonly handled: boolean | undefined;
  readonly name: string | undefined;
  readonly value: number | undefined;
  readonly unit: string | undefined;
  readonly duration: number | undefined;
  readonly rating: string | undefined;
  readonly action: string | undefined;
  readonly context: JsonObject | undefined;
  readonly discards: readonly Discard[];
  readonly closing: boolean;
  readonly whole: JsonObject;
}

/** The answer of `GET /api/events`. */
export interface EventsPage {
  /** Newest first. */
  readonly records: readonly StoredRecord[];
  /** Where the next older page begins; undefined where this was the last one. */
  readonly next: number | undefined;
}

/** Why a query brought nothing. */
export type Failure =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreadable' };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };
