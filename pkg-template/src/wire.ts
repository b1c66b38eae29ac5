/** What goes over the wire. Written by `cargo xtask types` from crates/protocol: change it there. */

/**
 * Sequence numbers from the first to the last, both included; `[first, last]` in JSON.
 *
 * @minItems 2
 * @maxItems 2
 */
export type SeqRange = [number, number];
/**
 * Why a request failed as a whole. The HTTP status is for people and proxies, this is for clients.
 */
export type ErrorCode =
  | (
      | 'invalid_json'
      | 'invalid_body'
      | 'upgrade'
      | 'unauthorized'
      | 'origin_not_allowed'
      | 'not_found'
      | 'method_not_allowed'
      | 'too_large'
      | 'unsupported_encoding'
      | 'unsupported_type'
      | 'too_many_requests'
      | 'internal'
      | 'overloaded'
      | 'storage_full'
    )
  | 'unknown';
/**
 * The phase of a feature.
 */
export type Phase = 'DISABLED' | 'ENABLED';
/**
 * The reason of a discard, as it is counted, reported and shown.
 */
export type DiscardReason =
  | 'disabled'
  | 'consent_denied'
  | 'sampled_out'
  | 'before_send'
  | 'filtered'
  | 'rate_limited'
  | 'client_failed'
  | 'invalid_argument'
  | 'queue_overflow'
  | 'storage_corrupt'
  | 'too_old'
  | 'too_large'
  | 'unknown_type'
  | 'invalid_field'
  | 'missing_field'
  | 'other';
/**
 * What became of a record that was not simply recorded.
 */
export type Verdict = 'duplicate' | 'rejected' | 'unknown';
/**
 * How a batch fared.
 */
export type Status = 'ok' | 'partial' | 'rejected' | 'error';
/**
 * One record, as its maker knows it. Whose it is and where it ran stands in the batch's scope.
 */
export type TelemetryRecord = {
  /**
   * What the app added.
   */
  context?: Context;
  /**
   * The URL or path of the page that it was made on; cleaned, unless it has only just been received.
   */
  page?: string;
  /**
   * Its place in the stream; records of the seeds' shapes have none.
   */
  seq?: number;
  /**
   * When it was made, in epoch milliseconds by the maker's clock.
   */
  timestamp: number;
} & TelemetryRecord1;
export type TelemetryRecord1 =
  LogFields | ErrorFields | MetricFields | TraceFields | VitalFields | EventFields | FeedbackFields | ReportFields;
/**
 * The level of a log, in ascending order.
 */
export type Level = 'debug' | 'info' | 'warn' | 'error';
/**
 * The severity of an error, in ascending order.
 */
export type Severity = 'info' | 'warning' | 'error' | 'critical';
/**
 * The type of a record.
 */
export type RecordType = 'log' | 'error' | 'metric' | 'trace' | 'vital' | 'event' | 'feedback' | 'report';

/**
 * What goes over the wire: a batch there, an answer back.
 */
export interface Wire {
  answer: Answer;
  batch: Batch;
}
/**
 * The answer to a batch, and to every request to an ingest route that failed as a whole.
 */
export interface Answer {
  /**
   * Records that are on disk, by their sequence numbers: the client may forget these.
   */
  acknowledged?: SeqRange[];
  /**
   * The mark: the protocol version of the server that answered. 0 means that it is not ours.
   */
  beaconry?: number;
  /**
   * Records that were on disk already.
   */
  duplicate?: number;
  /**
   * Why the request as a whole failed.
   */
  error?: ErrorCode;
  /**
   * Records that were refused.
   */
  failed?: number;
  /**
   * What was wrong and what to do, for a person.
   */
  message?: string;
  /**
   * Recorded ones by type.
   */
  received?: Received;
  /**
   * Records that are on disk now and were not before.
   */
  recorded?: number;
  /**
   * What the server asks of its clients, where that is not the default.
   */
  remote?: RemoteConfig;
  /**
   * A verdict for each record that was not simply recorded.
   */
  results?: RecordResult[];
  /**
   * How long to wait before the next try, in milliseconds.
   */
  retryAfterMs?: number;
  /**
   * The server's clock, in epoch milliseconds.
   */
  serverTime?: number;
  /**
   * How the batch as a whole fared.
   */
  status?: Status & string;
  /**
   * The stream that `acknowledged` speaks of.
   */
  stream?: string;
  /**
   * Whether no record failed.
   */
  success?: boolean;
  /**
   * Records in the body: recorded + duplicate + failed.
   */
  total?: number;
}
/**
 * How many records of each type were recorded. The seeds' three are always there.
 */
export interface Received {
  errors?: number;
  events?: number;
  feedback?: number;
  logs?: number;
  metrics?: number;
  reports?: number;
  traces?: number;
  vitals?: number;
}
/**
 * The answer of `GET /api/features`, and `remote` in the answer to a batch.
 */
export interface RemoteConfig {
  /**
   * The flags.
   */
  features?: Features;
  /**
   * The rates.
   */
  sampling?: Sampling;
}
/**
 * The flags by name. There is one.
 */
export interface Features {
  /**
   * Whether clients record.
   */
  TELEMETRY?: FeatureFlag;
}
/**
 * A feature flag: on for a share of the users.
 *
 * Who is in is decided by one number from 0 to 9999 that stays the same for a user, so raising the
 * percentage keeps everyone who was in.
 */
export interface FeatureFlag {
  /**
   * Whether it is on for anyone.
   */
  phase?: Phase & string;
  /**
   * For which share of users, in percent.
   */
  rollout?: number;
}
/**
 * Shares of sessions that are recorded, from 0 to 1. Errors are kept whatever they are.
 */
export interface Sampling {
  /**
   * Of all sessions; the app's own `sampleRate` if it is not said.
   */
  sampleRate?: number;
  /**
   * Of the sessions whose traces are recorded; the app's own `tracesSampleRate` if it is not said.
   */
  tracesSampleRate?: number;
}
/**
 * The verdict on one record.
 */
export interface RecordResult {
  /**
   * Its id, if it has one.
   */
  id?: string;
  /**
   * Its place in the body, from 0. For `{logs,traces,metrics}` the lists follow one another.
   */
  index: number;
  /**
   * What was wrong with which field and what it takes, for a person.
   */
  message?: string;
  /**
   * Why it was rejected.
   */
  reason?: DiscardReason;
  /**
   * What became of it.
   */
  verdict: Verdict;
}
/**
 * The body of a request. A server ignores fields that it does not know.
 */
export interface Batch {
  /**
   * The name of the app.
   */
  app: string;
  /**
   * The records, at most 1,000.
   */
  events: TelemetryRecord[];
  /**
   * What all its records have in common.
   */
  scope: Scope;
  /**
   * When it was sent, in epoch milliseconds by the sender's clock.
   */
  sentAt: number;
  /**
   * The stream of the records: 32 hex digits.
   */
  stream: string;
  /**
   * The version of the format.
   */
  v: number;
}
/**
 * What the app added: at most 32 keys a level, 6 levels and 16 KiB.
 */
export interface Context {
  [k: string]: unknown;
}
export interface LogFields {
  level: Level;
  message: string;
  type: 'log';
}
export interface ErrorFields {
  componentStack?: string;
  errorType: string;
  /**
   * Whether the app caught it.
   */
  handled: boolean;
  message: string;
  severity: Severity;
  /**
   * As the browser wrote it; the server parses it.
   */
  stack?: string;
  type: 'error';
}
export interface MetricFields {
  name: string;
  type: 'metric';
  unit?: string;
  value: number;
}
export interface TraceFields {
  /**
   * Milliseconds.
   */
  duration: number;
  kind?: string;
  name: string;
  parentSpanId?: string;
  /**
   * 16 hex digits; the seeds' shorter ids are taken as they are.
   */
  spanId: string;
  status?: string;
  /**
   * 32 hex digits; the seeds' shorter ids are taken as they are.
   */
  traceId: string;
  type: 'trace';
}
export interface VitalFields {
  attribution?: Context;
  delta?: number;
  name: 'LCP' | 'INP' | 'CLS' | 'FCP' | 'TTFB';
  navigationType?: string;
  rating?: 'good' | 'needs-improvement' | 'poor';
  type: 'vital';
  value: number;
}
export interface EventFields {
  action?: string;
  /**
   * Milliseconds.
   */
  duration?: number;
  name: string;
  type: 'event';
}
export interface FeedbackFields {
  email?: string;
  message: string;
  screenshot?: string;
  type: 'feedback';
}
/**
 * What the client itself has to say: what it lost and why, and that it ends.
 */
export interface ReportFields {
  closing: boolean;
  discards: Discard[];
  type: 'report';
}
/**
 * Records of one type that were lost for one reason.
 */
export interface Discard {
  /**
   * How many.
   */
  count: number;
  /**
   * Why.
   */
  reason: DiscardReason;
  /**
   * Their places in the stream; empty for records that were refused before they got one.
   */
  seqs?: SeqRange[];
  /**
   * The stream that they belonged to, if not that of the report: an earlier page's.
   */
  stream?: string;
  /**
   * The type of the records, where it is known.
   */
  type?: RecordType;
}
/**
 * The circumstances of a record: whose it is, on what it ran.
 */
export interface Scope {
  deviceType?: string;
  environment?: string;
  language?: string;
  platform?: string;
  region?: string;
  release?: string;
  sessionId?: string;
  user?: User;
  userAgent?: string;
  /**
   * `<width>x<height>` in CSS pixels.
   */
  viewport?: string;
}
/**
 * Who is in front of the screen, as far as the app says so.
 */
export interface User {
  anonymousId?: string;
  id?: string;
}
