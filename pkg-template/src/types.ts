import type {
  ErrorFields,
  EventFields,
  FeedbackFields,
  Level,
  LogFields,
  MetricFields,
  TelemetryRecord,
  TraceFields,
  VitalFields,
} from './wire.js';

/** Any object. What JSON cannot say of it (functions, elements, cycles) is named instead. */
export type Context = object;

export type { Level };

/**
 * Names a record for `delivered()`: its place in its stream, counted on if the client had to begin a
 * new one; a negative number if it was made before the client was ready; 0 if no record was made, or if it
 * has no place yet, since consent is pending: it gets one when consent is granted, but keeps this receipt.
 */
export type Receipt = number;

/**
 * What became of records: `delivered` to the server's disk; `spooled` in this browser, to be sent
 * later (`stats().storage` says where: only in the page, where that is `memory`); `discarded`, with the
 * reason in `stats()`; `pending`, in the page's memory only, until the user has been asked; `off`, if
 * nobody can say, because the client is off or broke with it.
 */
export type Delivery = 'delivered' | 'spooled' | 'discarded' | 'pending' | 'off';

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
  | OutgoingEvent
  | OutgoingFeedback;

/** These fields of a record's type, and what the app added to it. */
type Outgoing<Fields extends { type: string }, Own extends keyof Fields> = { readonly type: Fields['type'] } & Loose<
  Pick<Fields, Own>
> & { context: Record<string, unknown> };

/** What need not be given may be `undefined`, too. */
type Loose<Fields> = { [Key in keyof Fields]: object extends Pick<Fields, Key> ? Fields[Key] | undefined : Fields[Key] };

export type OutgoingLog = Outgoing<LogFields, 'level' | 'message'>;
export type OutgoingMetric = Outgoing<MetricFields, 'name' | 'value'>;
export type OutgoingTrace = Outgoing<TraceFields, 'name' | 'duration'> & Loose<Partial<Pick<TraceFields, keyof TraceIds>>>;
export type OutgoingVital = Outgoing<
  VitalFields,
  'name' | 'value' | 'delta' | 'rating' | 'navigationType' | 'attribution'
>;
export type OutgoingError = Outgoing<ErrorFields, 'errorType' | 'message' | 'stack' | 'handled' | 'componentStack'>;
export type OutgoingEvent = Outgoing<EventFields, 'name'>;

export type OutgoingFeedback = Outgoing<FeedbackFields, 'message' | 'email' | 'screenshot'>;

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

/** What names a trace and its place among others; ids that are not given are made up. */
export type TraceIds = Readonly<
  Loose<Partial<Pick<TraceFields, 'traceId' | 'spanId' | 'parentSpanId' | 'kind' | 'status'>>>
>;

/** As the web-vitals library makes them. */
export type Vital = Readonly<Loose<Omit<VitalFields, 'type' | 'attribution'>>> & {
  readonly attribution?: object | undefined;
};

/** What somebody who uses the app has to say about it. */
export interface Feedback {
  readonly message: string;
  /** Where they want to be answered. It is stored as it was typed: nothing is taken out of it. */
  readonly email?: string | undefined;
  /** The id of an uploaded image: the SHA-256 of its bytes as 64 hex digits. */
  readonly screenshot?: string | undefined;
}

/** Where a client sends records, and what the user has allowed it. */
export interface Destination {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly consent: Consent;
}

export interface Span {
  /** Ends the span and records it. A second call does nothing. */
  end(attributes?: Context): Receipt;
}

/** A record of this type as it goes to the server. */
export type Recorded<Type extends TelemetryRecord['type']> = Extract<TelemetryRecord, { readonly type: Type }>;

/** Records that wait to be sent, for tests and debugging. */
export interface Buffered {
  readonly logs: readonly Recorded<'log'>[];
  readonly traces: readonly Recorded<'trace'>[];
  readonly metrics: readonly Recorded<'metric'>[];
  readonly vitals: readonly Recorded<'vital'>[];
  readonly errors: readonly Recorded<'error'>[];
  readonly events: readonly Recorded<'event'>[];
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
  /**
   * Records that another page took over while this one was in the back/forward cache, or that the browser was
   * given without the wasm, as the page went: what became of them is not known here.
   */
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
  /** Records that were sent without the wasm: errors where it is refused, and those of a page that went before it came. */
  readonly withoutWasm: number;
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
