/** Any object. What JSON cannot say of it (functions, elements, cycles) is named instead. */
export type Context = object;

export type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Names a record for `delivered()`: its place in its stream, counted on if the client had to begin a
 * new one; a negative number if it was made before the client was ready; 0 if no record was made, or if it
 * has no place yet, since consent is pending.
 */
export type Receipt = number;

/**
 * What became of records: `delivered` to the server's disk; `spooled` in this browser, to be sent
 * later; `discarded`, with the reason in `stats()`; `off`, if nobody can say, because the client is
 * off or broke with it.
 */
export type Delivery = 'delivered' | 'spooled' | 'discarded' | 'off';

export interface FeatureFlag {
  readonly phase?: 'ENABLED' | 'DISABLED' | undefined;
  /** The share of users for whom it is on, in percent [100]. Raising it keeps those who were in. */
  readonly rollout?: number | undefined;
}

/**
 * What the user has allowed: `granted`; `pending`, when records wait in memory and nothing is stored or
 * sent; `denied`, when nothing is recorded and all that was stored is removed.
 */
export type Consent = 'granted' | 'denied' | 'pending';

/** A record as `beforeSend` sees it: a copy, which it may change and give back. */
export type OutgoingRecord =
  | OutgoingLog
  | OutgoingMetric
  | OutgoingTrace
  | OutgoingVital
  | OutgoingError
  | OutgoingEvent;

interface Outgoing<Type extends string> {
  readonly type: Type;
  context: Record<string, unknown>;
}

export interface OutgoingLog extends Outgoing<'log'> {
  level: Level;
  message: string;
}

export interface OutgoingMetric extends Outgoing<'metric'> {
  name: string;
  value: number;
}

export interface OutgoingTrace extends Outgoing<'trace'> {
  name: string;
  duration: number;
  traceId?: string | undefined;
  spanId?: string | undefined;
  parentSpanId?: string | undefined;
  kind?: string | undefined;
  status?: string | undefined;
}

export interface OutgoingVital extends Outgoing<'vital'> {
  name: Vital['name'];
  value: number;
  delta?: number | undefined;
  rating?: Vital['rating'];
  navigationType?: string | undefined;
  attribution?: Record<string, unknown> | undefined;
}

export interface OutgoingError extends Outgoing<'error'> {
  errorType: string;
  message: string;
  stack?: string | undefined;
  handled: boolean;
  componentStack?: string | undefined;
}

export interface OutgoingEvent extends Outgoing<'event'> {
  name: string;
}

/** Everything but `endpoint` is optional; [defaults]. */
export interface Config {
  /** The URL of the ingest route: absolute, or a path of this origin. */
  readonly endpoint: string;
  /** The ingest key. */
  readonly token?: string | undefined;
  /** Letters, digits, `.`, `_`, `-` ['default']. */
  readonly app?: string | undefined;
  readonly release?: string | undefined;
  readonly environment?: string | undefined;
  /** [true] */
  readonly enabled?: boolean | undefined;
  /**
   * For whom telemetry is on [everyone]; `'server'` asks the server, once a start. Where a rollout is
   * partial and no user id is known, one number from 0 to 9999 is drawn and kept in localStorage, before
   * it is known whether the user is out, so that the answer stays the same.
   */
  readonly featureFlag?: FeatureFlag | 'server' | undefined;
  /** Where the server is asked for its flag [`/api/features` beside the endpoint]. */
  readonly featuresUrl?: string | undefined;
  /** Asked with `'TELEMETRY'` at each call, beside `featureFlag`. */
  readonly isFeatureEnabled?: ((name: string) => boolean) | undefined;
  /** What the user has allowed so far ['granted'; 'denied' if the browser says Global Privacy Control]. */
  readonly consent?: Consent | undefined;
  /** The share of sessions that are recorded, from 0 to 1 [1]. Errors are kept whatever it is. */
  readonly sampleRate?: number | undefined;
  /** The share of those sessions whose traces are recorded, from 0 to 1 [1]. */
  readonly tracesSampleRate?: number | undefined;
  /** Who the user is, if that is known already; else `setUser` says it later. */
  readonly user?: User | undefined;
  /** Whether user ids leave the browser as pseudonyms or as they are ['pseudonym']. */
  readonly userIds?: 'pseudonym' | 'plain' | undefined;
  /**
   * Sees each record before it is made, and gives back what is recorded instead. Nothing, `null` or
   * `false` drops it, counted as `before_send`; so does an error in it. It is not asked about what is
   * recorded while it runs: that is dropped, too.
   */
  readonly beforeSend?: ((record: OutgoingRecord) => OutgoingRecord | null | undefined | false | void) | undefined;
  /** Errors that are left out, counted as `filtered`: part of `type: message`, or an expression that it fits. */
  readonly ignoreErrors?: readonly (string | RegExp)[] | undefined;
  /** Errors whose topmost script has none of these in its URL are left out, counted as `filtered`. */
  readonly allowUrls?: readonly (string | RegExp)[] | undefined;
  /** Errors whose topmost script has one of these in its URL are left out, counted as `filtered`. */
  readonly denyUrls?: readonly (string | RegExp)[] | undefined;
  /** Records that wait before they are sent [10]. */
  readonly batchSize?: number | undefined;
  /** Milliseconds that a record waits at most before it is sent [30000]. */
  readonly flushIntervalMs?: number | undefined;
  /** Milliseconds that a record waits at most before it is written to localStorage [1000]. */
  readonly spoolDelayMs?: number | undefined;
  /** Milliseconds after which a record that could not be sent is given up, counted [14 days]. */
  readonly maxSpoolAge?: number | undefined;
  /** Bytes that wait at most; beyond, the oldest of the least severe go, counted [2 MiB]. */
  readonly maxQueueBytes?: number | undefined;
  /** Keys whose values are taken out of contexts, beside password, token, email and their like. */
  readonly redactKeys?: readonly string[] | undefined;
  /** Keys in the query of a page's URL whose values are kept; the server has to allow them, too [none]. */
  readonly allowQueryKeys?: readonly string[] | undefined;
  /** Explains misuse on the console [false]. */
  readonly debug?: boolean | undefined;
}

export interface User {
  readonly id?: string | undefined;
  /** Recorded only while consent is granted. */
  readonly anonymousId?: string | undefined;
}

export interface TraceIds {
  /** 32 hex digits. */
  readonly traceId?: string | undefined;
  /** 16 hex digits. */
  readonly spanId?: string | undefined;
  readonly parentSpanId?: string | undefined;
  readonly kind?: string | undefined;
  readonly status?: string | undefined;
}

/** As the web-vitals library makes them. */
export interface Vital {
  readonly name: 'LCP' | 'INP' | 'CLS' | 'FCP' | 'TTFB';
  readonly value: number;
  readonly delta?: number | undefined;
  readonly rating?: 'good' | 'needs-improvement' | 'poor' | undefined;
  readonly navigationType?: string | undefined;
  readonly attribution?: object | undefined;
}

export interface Span {
  /** Ends the span and records it. A second call does nothing. */
  end(attributes?: Context): Receipt;
}

/** Records that wait to be sent, for tests and debugging. */
export interface Buffered {
  readonly logs: readonly Record<string, unknown>[];
  readonly traces: readonly Record<string, unknown>[];
  readonly metrics: readonly Record<string, unknown>[];
  readonly vitals: readonly Record<string, unknown>[];
  readonly errors: readonly Record<string, unknown>[];
  readonly events: readonly Record<string, unknown>[];
}

/**
 * The account of every record of this client. At any time
 * `recorded + adopted = acknowledged + (sum of discarded) + waiting + inFlight + handedOver + abandoned`.
 */
export interface Stats {
  /** The id of this client: 32 hex digits. Empty while it is off. */
  readonly stream: string;
  readonly enabled: boolean;
  /** The place of the record that was made last. */
  readonly lastSeq: number;
  readonly recorded: number;
  /** Records that earlier pages left behind and this one took over. */
  readonly adopted: number;
  /** Records of which the server has said that they are on its disk. */
  readonly acknowledged: number;
  /** Records that another page took over while this one was in the back/forward cache. */
  readonly handedOver: number;
  /** Records that the browser was given, to be posted when the page is gone; they stay in the spool. */
  readonly leftToBrowser: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly queuedBytes: number;
  readonly sent: number;
  readonly requests: number;
  readonly failedRequests: number;
  readonly spoolWrites: number;
  readonly spoolRefusals: number;
  readonly discarded: Readonly<Record<string, number>>;
  /**
   * Records of a wasm instance that broke, whose end is not known here. Those that were on the storage
   * come back as `adopted`, here or on a later page; the server shows a gap in the stream for the others.
   */
  readonly abandoned: number;
  /** How often an instance of the wasm broke. */
  readonly traps: number;
  /** How often another was made in its place: once at most. */
  readonly restarts: number;
  /** Flushes by their cause. */
  readonly flushes: Readonly<Record<string, number>>;
  /** Milliseconds of the main thread that the client took, without what the browser does on its behalf. */
  readonly cpuMs: number;
  /** Where records wait: in both tiers where the browser has both; in Node a `folder` or memory. */
  readonly storage: 'localStorage+indexedDB' | 'localStorage' | 'indexedDB' | 'folder' | 'memory' | 'none';
}
