import { createEarlyCalls, snapshot } from './earlyCalls.js';
import type { EarlyCall } from './earlyCalls.js';
import { createFeatureGate } from './featureGate.js';
import { loadWasm } from './loadWasm.js';
import type { WasmClient } from './loadWasm.js';
import type {
  Buffered,
  Config,
  Context,
  Delivery,
  Level,
  Receipt,
  Span,
  Stats,
  TraceIds,
  User,
  Vital,
} from './types.js';

/**
 * A telemetry client. No call ever throws, blocks, or returns a promise that rejects: what goes
 * wrong is counted in `stats()`.
 *
 * What to keep, when to send it and when to forget it is decided in the wasm. This class loads it,
 * keeps the calls made before it is there, and guards every call into it.
 */
export class TelemetryClient {
  readonly #early = createEarlyCalls();
  #wasm: WasmClient | undefined;
  #isWanted: () => boolean = () => true;
  #state: 'idle' | 'waiting' | 'loading' | 'on' | 'dead' = 'idle';
  #config: Config | undefined;
  #ready: Promise<void> | undefined;
  #context: Context | undefined;
  #href = '';

  /** With a config it starts at once; without one it keeps calls until `start`. */
  constructor(config?: Config) {
    if (config !== undefined) void this.start(config);
  }

  /** Starts the client; a second call changes nothing. Resolves when it records or is off. */
  async start(config: Config): Promise<void> {
    if (this.#state !== 'idle') return this.#ready;
    this.#config = config;
    this.#isWanted = createFeatureGate(config ?? {});
    this.#state = 'waiting';
    if (this.#isWanted()) await this.#load();
    else this.#early.discardAll('disabled');
  }

  log(level: Level, message: string, context?: Context): Receipt {
    return this.#record(context, (wasm, labels, at) => wasm.log(level, message, labels, at));
  }

  metric(name: string, value: number, labels?: Context): Receipt {
    return this.#record(labels, (wasm, labels, at) => wasm.metric(name, value, labels, at));
  }

  /** Records something that took `durationMs`. Ids that are not given are made up. */
  trace(name: string, durationMs: number, attributes?: Context, ids?: TraceIds): Receipt {
    return this.#record(attributes, (wasm, labels, at) => wasm.trace(name, durationMs, ids ?? {}, labels, at));
  }

  /** Begins a span; it is recorded when it ends. */
  startSpan(name: string, attributes?: Context, ids?: TraceIds): Span {
    const startedAt = performance.now();
    const begun = snapshot(attributes);
    let isOpen = true;
    return {
      end: (more) => {
        if (!isOpen) return 0;
        isOpen = false;
        return this.trace(name, performance.now() - startedAt, { ...begun, ...more }, ids);
      },
    };
  }

  vital(vital: Vital): Receipt {
    return this.#record(undefined, (wasm, _, at) => wasm.vital(vital, at));
  }

  /** Records anything that can be thrown. `handled` [true] says whether the app caught it. */
  error(error: unknown, context?: Context, options?: { readonly handled?: boolean }): Receipt {
    const handled = options?.handled ?? true;
    return this.#record(context, (wasm, labels, at) => wasm.error(error, handled, labels, at));
  }

  /** Records that something happened. The name takes lower-case letters, digits and `_`. */
  event(name: string, properties?: Context): Receipt {
    return this.#record(properties, (wasm, labels, at) => wasm.event(name, labels, at));
  }

  /** The same as `event`. */
  trackEvent(name: string, properties?: Context): Receipt {
    return this.event(name, properties);
  }

  /** Says who the user is from now on; records made before keep who it was then. */
  setUser(user: User): void {
    this.#do((wasm) => wasm.setUser(user?.id, user?.anonymousId));
  }

  /** Adds `context` to every record made from now on. What a call says itself goes first. */
  setContext(context: Context | undefined): void {
    this.#context = snapshot(context);
  }

  /** Sends everything now. Resolves when it is delivered, or when a try has failed. */
  async flush(): Promise<Delivery> {
    return this.#ask((wasm) => wasm.flush());
  }

  /** Resolves when the record is on the server's disk, or discarded. */
  async delivered(receipt: Receipt): Promise<Delivery> {
    return receipt > 0 ? this.#ask((wasm) => wasm.delivered(receipt)) : 'discarded';
  }

  /** Sends everything and ends: no listener, no timer, no further records. */
  async shutdown(): Promise<Delivery> {
    return this.#ask((wasm) => wasm.shutdown());
  }

  isEnabled(): boolean {
    if (!this.#isWanted()) return false;
    return this.#wasm === undefined ? this.#state === 'loading' : this.#guard((wasm) => wasm.isEnabled(), false);
  }

  /** The session that records belong to; empty while the client is off. */
  getSessionId(): string {
    return this.#guard((wasm) => wasm.getSessionId(), '');
  }

  /** Records that wait to be sent: for tests and debugging. */
  getBuffer(): Buffered {
    const empty: Buffered = { logs: [], traces: [], metrics: [], vitals: [], errors: [], events: [] };
    return this.#guard((wasm) => wasm.getBuffer() as Buffered, empty);
  }

  /** The account of every record of this client. */
  stats(): Stats {
    return this.#guard((wasm) => wasm.stats() as Stats, this.#statsWithoutWasm());
  }

  async #load(): Promise<void> {
    this.#state = 'loading';
    this.#ready = this.#connect();
    await this.#ready;
  }

  async #connect(): Promise<void> {
    try {
      const create = await loadWasm();
      const { isFeatureEnabled: _, ...options } = this.#config ?? {};
      this.#wasm = create(options);
      this.#state = 'on';
      this.#href = currentHref();
      this.#early.replay(this.#wasm);
    } catch (problem) {
      this.#die(problem);
    }
  }

  /** Makes a record now, or as soon as the wasm is there. */
  #record(
    context: Context | undefined,
    make: (wasm: WasmClient, labels: Context | undefined, at?: number) => Receipt,
  ): Receipt {
    try {
      const isWanted = this.#isWantedNow();
      const labels = merge(this.#context, context);
      if (this.#wasm === undefined) {
        this.#keep(isWanted, labels, make);
        return 0;
      }
      this.#followPage(this.#wasm);
      return make(this.#wasm, labels);
    } catch (problem) {
      this.#survive(problem);
      return 0;
    }
  }

  /** Keeps a call for when the wasm is there, or counts it. */
  #keep(isWanted: boolean, labels: Context | undefined, make: (wasm: WasmClient, labels: Context | undefined, at: number) => Receipt): void {
    if (this.#state === 'dead') return this.#early.discard('client_failed');
    if (!isWanted) return this.#early.discard('disabled');
    const kept = snapshot(labels);
    this.#early.keep((wasm, at) => make(wasm, kept, at));
  }

  /** Tells the wasm something now, or as soon as it is there. */
  #do(tell: EarlyCall): void {
    if (this.#wasm !== undefined) this.#guard((wasm) => tell(wasm, Date.now()), undefined);
    else if (this.#state !== 'dead') this.#early.keep(tell);
  }

  /** Asks the wasm for something that takes time. */
  async #ask(question: (wasm: WasmClient) => Promise<unknown>): Promise<Delivery> {
    if (this.#state === 'loading') await this.#ready;
    return (await this.#guard(question, Promise.resolve('off'))) as Delivery;
  }

  #guard<T>(call: (wasm: WasmClient) => T, otherwise: T): T {
    if (this.#wasm === undefined) return otherwise;
    try {
      return call(this.#wasm);
    } catch (problem) {
      this.#survive(problem);
      return otherwise;
    }
  }

  /** Follows a flag that changes while the page is open. The wasm counts what it refuses. */
  #isWantedNow(): boolean {
    const isWanted = this.#isWanted();
    if (this.#state === 'waiting' && isWanted) void this.#load();
    if (this.#wasm !== undefined && this.#config?.isFeatureEnabled !== undefined) this.#wasm.setEnabled(isWanted);
    return isWanted;
  }

  /** An app that navigates without loading a page tells nobody, so each record looks. */
  #followPage(wasm: WasmClient): void {
    const href = currentHref();
    if (href === this.#href) return;
    this.#href = href;
    wasm.navigated(href);
  }

  /** A trap leaves the instance in an unknown state: it is not called again. The spool is safe. */
  #survive(problem: unknown): void {
    if (problem instanceof WebAssembly.RuntimeError) this.#die(problem);
  }

  #die(problem: unknown): void {
    this.#state = 'dead';
    this.#wasm = undefined;
    this.#early.discardAll('client_failed');
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.error(`[beaconry] telemetry is off: ${reason}`);
  }

  #statsWithoutWasm(): Stats {
    const waiting = this.#early.waiting();
    const discarded = this.#early.discarded();
    return {
      stream: '',
      enabled: false,
      lastSeq: 0,
      recorded: Object.values(discarded).reduce((sum, count) => sum + count, waiting),
      adopted: 0,
      acknowledged: 0,
      waiting,
      inFlight: 0,
      queuedBytes: 0,
      sent: 0,
      requests: 0,
      failedRequests: 0,
      spoolWrites: 0,
      spoolRefusals: 0,
      discarded,
      flushes: {},
      storage: 'none',
    };
  }
}

/** What a call says goes first. A getter that throws is left to the wasm, which names it. */
function merge(base: Context | undefined, context: Context | undefined): Context | undefined {
  if (base === undefined) return context;
  try {
    return { ...base, ...context };
  } catch {
    return context;
  }
}

/** Empty where there is no page: in a worker, on a server. */
function currentHref(): string {
  return globalThis.location?.href ?? '';
}
