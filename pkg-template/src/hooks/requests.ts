import { whenLeaving } from '../whenLeaving.js';
import type { Stop, Telemetry } from './types.js';
import { all, attempt } from './attempt.js';
import { createLimit } from './limits.js';
import { listOf, readOptions } from './readOptions.js';
import { shownPath } from './urls.js';
import type { Place } from './urls.js';

/** Options of `startFetch` and `startXhr`. */
export interface RequestOptions {
  /**
   * Hosts of other origins that are given `traceparent`, such as `'api.example.com'` or `'*.example.com'` [none]. They
   * get it only with requests that need a preflight anyway, and have to allow the header.
   */
  readonly traceHosts?: readonly string[] | undefined;
}

/** A request that is under way. */
export interface PageRequest {
  readonly method: string;
  readonly place: Place;
  readonly startedAt: number;
  /** The `traceparent` that the app has given it. */
  readonly traceparent: string | null;
  /** Whether a header of ours changes nothing but the header. */
  readonly mayAddHeader: () => boolean;
}

export interface PageResult {
  readonly endedAt: number;
  readonly status?: number;
  readonly size?: number | undefined;
  /** What ended it, if that was no answer. */
  readonly failure?: string;
  /** Whether a body is still on its way. */
  readonly hasBody?: boolean;
}

/** Somebody who wants to know about requests. What `begin` gives back is sent as `traceparent`. */
export interface RequestWatcher {
  begin?(request: PageRequest): string | undefined;
  end(request: PageRequest, result: PageResult): void;
}

/** Begins a request for all who watch; what to send as `traceparent`, and how to end it. */
export function beginFor(watchers: ReadonlySet<RequestWatcher>, request: PageRequest) {
  // Those who come while it is under way have not seen it begin.
  const seeing = [...watchers];
  let header: string | undefined;
  for (const watcher of seeing) header ??= attempt(() => watcher.begin?.(request));
  let isOver = false;
  const end = (result: Omit<PageResult, 'endedAt'>): void => {
    if (isOver) return;
    isOver = true;
    const whole = { ...result, endedAt: performance.now() };
    for (const watcher of seeing) if (watchers.has(watcher)) attempt(() => watcher.end(request, whole));
  };
  return { header, end };
}

/** The number in `Content-Length`, if there is one. */
export function lengthIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Why a request was not answered, from the name of the error or of the event. */
export function failureOf(name: unknown): string {
  const is = (start: RegExp): boolean => start.test(String(name));
  return is(/^abort/i) ? 'aborted' : is(/^timeout/i) ? 'timeout' : 'network';
}

/** Records each request as a trace, under ids that the server is told where that is allowed. */
export function createRequestRecorder(telemetry: Telemetry, hook: string, given: RequestOptions | undefined) {
  const { traceHosts } = readOptions<{ traceHosts: readonly string[] }>(telemetry, hook, given, {
    traceHosts: listOf('a list of hosts', (host) => typeof host === 'string', []),
  });
  const mayRecord = createLimit(telemetry);
  const sizes = createSizes();
  const ids = new WeakMap<PageRequest, Ids>();
  const createId = createIds();

  function mayTrace({ place, mayAddHeader }: PageRequest): boolean {
    return place.isOwnOrigin || (traceHosts.some((host) => isHost(place.host, host.toLowerCase())) && mayAddHeader());
  }

  function record(request: PageRequest, result: PageResult, size: number | undefined): void {
    if (!mayRecord()) return;
    const { method, place, startedAt } = request;
    const { status, failure, endedAt } = result;
    const path = shownPath(place.pathname);
    const name = `${method} ${place.isOwnOrigin ? path : place.host + path}`;
    const outcome = status === undefined ? (failure === 'aborted' ? undefined : failure && 'error') : status < 400 ? 'ok' : 'error';
    // Each key that is there costs time, also one of nothing.
    const about: Record<string, unknown> = { url: place.origin + path };
    if (status !== undefined) about['status'] = status;
    if (size !== undefined) about['size'] = size;
    if (failure !== undefined) about['failure'] = failure;
    telemetry.trace(name, endedAt - startedAt, about, { ...ids.get(request), kind: 'client', status: outcome });
  }

  const watcher: RequestWatcher = {
    begin(request) {
      const known = request.traceparent === null ? null : TRACEPARENT.exec(request.traceparent);
      const own: Ids = { traceId: known?.[1] ?? createId(16), spanId: createId(8), ...(known && { parentSpanId: known[2] }) };
      ids.set(request, own);
      return request.traceparent === null && mayTrace(request) ? `00-${own.traceId}-${own.spanId}-01` : undefined;
    },
    end(request, result) {
      if (result.size !== undefined || result.hasBody !== true) return record(request, result, result.size);
      sizes.wait(request, (size) => record(request, result, size));
    },
  };
  return { watcher, stop: sizes.stop };
}

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
}

/**
 * Sizes that no header tells: Resource Timing knows them when the body has come. A body that nobody reads
 * never comes, so none is waited for long.
 */
function createSizes() {
  const waiting = new Map<PageRequest, { readonly done: (size?: number) => void; readonly timer: unknown }>();
  const observer = attempt(() => {
    const observer = new PerformanceObserver((list) => {
      if (waiting.size > 0) attempt(() => list.getEntries().forEach(see));
    });
    observer.observe({ type: 'resource' });
    return observer;
  });

  function see(entry: PerformanceEntry): void {
    for (const request of waiting.keys()) {
      const isIt = entry.startTime >= request.startedAt - 1 && entry.name === request.place.href.split('#')[0];
      if (isIt) return settle(request, (entry as PerformanceResourceTiming).encodedBodySize || undefined);
    }
  }

  function settle(request: PageRequest, size?: number): void {
    const kept = waiting.get(request);
    waiting.delete(request);
    clearTimeout(kept?.timer as undefined);
    kept?.done(size);
  }

  const settleAll = (): void => [...waiting.keys()].forEach((request) => settle(request));
  const stopListening = whenLeaving(settleAll);
  return {
    wait(request: PageRequest, done: (size?: number) => void): void {
      if (observer === undefined) return done();
      const timer = setTimeout(() => attempt(() => settle(request)), LONGEST_WAIT_MS);
      waiting.set(request, { done, timer });
    },
    stop: all([() => observer?.disconnect(), stopListening, settleAll]) as Stop,
  };
}

/** `*.example.com` is every host below `example.com`. */
function isHost(host: string, wanted: string): boolean {
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
}

/** Makes ids of so many random bytes. They are drawn in stock, since each draw takes as long as a whole id. */
function createIds() {
  const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
  const stock = new Uint8Array(STOCK_BYTES);
  let at = STOCK_BYTES;
  return (bytes: number): string => {
    if (at + bytes > STOCK_BYTES) {
      crypto.getRandomValues(stock);
      at = 0;
    }
    let id = '';
    for (const end = at + bytes; at < end; at += 1) id += digits[stock[at] as number];
    return id;
  };
}

const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/;
const LONGEST_WAIT_MS = 3_000;
const STOCK_BYTES = 1_536;
