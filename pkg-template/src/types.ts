/** Any object. What JSON cannot say of it (functions, elements, cycles) is named instead. */
export type Context = object;

export type Level = 'debug' | 'info' | 'warn' | 'error';

/**
 * Names a record for `delivered()`: its place in its stream; a negative number if it was made before
 * the client was ready; 0 if no record was made.
 */
export type Receipt = number;

/**
 * What became of records: `delivered` to the server's disk; `spooled` in this browser, to be sent
 * later; `discarded`, with the reason in `stats()`; `off`, because the client is.
 */
export type Delivery = 'delivered' | 'spooled' | 'discarded' | 'off';

export interface FeatureFlag {
  readonly phase?: 'ENABLED' | 'DISABLED' | undefined;
  /** The share of users for whom it is on, in percent [100]. Raising it keeps those who were in. */
  readonly rollout?: number | undefined;
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
  /** For whom telemetry is on [everyone]. */
  readonly featureFlag?: FeatureFlag | undefined;
  /** Asked with `'TELEMETRY'` at each call, beside `featureFlag`. */
  readonly isFeatureEnabled?: ((name: string) => boolean) | undefined;
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
  /** Explains misuse on the console [false]. */
  readonly debug?: boolean | undefined;
}

export interface User {
  readonly id?: string | undefined;
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
 * `recorded + adopted = acknowledged + (sum of discarded) + waiting + inFlight`.
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
  readonly waiting: number;
  readonly inFlight: number;
  readonly queuedBytes: number;
  readonly sent: number;
  readonly requests: number;
  readonly failedRequests: number;
  readonly spoolWrites: number;
  readonly spoolRefusals: number;
  readonly discarded: Readonly<Record<string, number>>;
  /** Flushes by their cause. */
  readonly flushes: Readonly<Record<string, number>>;
  readonly storage: 'localStorage' | 'memory' | 'none';
}
