import { addEarly, NO_STATS } from './addEarly.js';
import { createEarlyCalls } from './earlyCalls.js';
import type { EarlyDiscard } from './earlyCalls.js';
import { createFeatureGate } from './featureGate.js';
import { isTrap } from './isTrap.js';
import { loadWasm } from './loadWasm.js';
import type { WasmClient } from './loadWasm.js';
import { keepContext, mergeContexts } from './mergeContexts.js';
import { snapshot } from './snapshot.js';
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
import { wasmOptions } from './wasmOptions.js';

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
  #followsFlag = false;
  #state: 'idle' | 'waiting' | 'loading' | 'on' | 'dead' = 'idle';
  #options: object = {};
  #settle: () => void = () => undefined;
  /** When it is known what became of the calls made so far. Before `start`, that waits for it. */
  #ready = new Promise<void>((resolve) => {
    this.#settle = resolve;
  });
  #context: Context | undefined;
  #href = '';
  /** The wasm's account when it was last seen. */
  #known: Stats = NO_STATS;

  /** With a config it starts at once; without one it keeps calls until `start`. */
  constructor(config?: Config) {
    if (config !== undefined) void this.start(config);
  }

  /** Starts the client; a second call changes nothing. Resolves when it records or is off. */
  async start(config: Config): Promise<void> {
    if (this.#state !== 'idle') return this.#ready;
    this.#state = 'waiting';
    try {
      this.#isWanted = createFeatureGate(config ?? {});
      this.#followsFlag = typeof config?.isFeatureEnabled === 'function';
      this.#options = wasmOptions(config);
      if (this.#isWanted()) await this.#load();
      else this.#wait();
    } catch (problem) {
      this.#die(problem);
    }
    this.#settle();
  }

  log(level: Level, message: string, context?: Context): Receipt {
    return this.#record(context, (wasm, labels, at) => wasm.log(level, message, labels, at));
  }

  metric(name: string, value: number, labels?: Context): Receipt {
    return this.#record(labels, (wasm, labels, at) => wasm.metric(name, value, labels, at));
  }

  /** Records something that took `durationMs`. Ids that are not given are made up. */
  trace(name: string, durationMs: number, attributes?: Context, ids?: TraceIds): Receipt {
    const kept = snapshot(ids) ?? {};
    return this.#record(attributes, (wasm, labels, at) => wasm.trace(name, durationMs, kept, labels, at));
  }

  /** Begins a span; it is recorded when it ends. */
  startSpan(name: string, attributes?: Context, ids?: TraceIds): Span {
    const startedAt = performance.now();
    const begun = keepContext(attributes);
    let isOpen = true;
    return {
      end: (more) => {
        if (!isOpen) return 0;
        isOpen = false;
        return this.trace(name, performance.now() - startedAt, mergeContexts(begun, more), ids);
      },
    };
  }

  vital(vital: Vital): Receipt {
    const kept = snapshot(vital);
    return this.#record(undefined, (wasm, _, at) => wasm.vital(kept, at));
  }

  /** Records anything that can be thrown. `handled` [true] says whether the app caught it. */
  error(error: unknown, context?: Context, options?: { readonly handled?: boolean | undefined }): Receipt {
    const handled = this.#guard(() => options?.handled ?? true, true);
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
    this.#guard(() => {
      const { id, anonymousId } = user ?? {};
      if (this.#wasm !== undefined) this.#wasm.setUser(id, anonymousId);
      else if (this.#state !== 'dead') this.#early.keepChange((wasm) => wasm.setUser(id, anonymousId));
    }, undefined);
  }

  /** Adds `context` to every record made from now on. What a call says itself goes first. */
  setContext(context: Context | undefined): void {
    this.#context = keepContext(context);
  }

  /** Sends everything now. Resolves when it is delivered, or when a try has failed. */
  async flush(): Promise<Delivery> {
    return this.#ask((wasm) => wasm.flush());
  }

  /** Resolves when the record is on the server's disk, or discarded. */
  async delivered(receipt: Receipt): Promise<Delivery> {
    if (typeof receipt !== 'number') return 'discarded';
    if (receipt < 0) await this.#ready;
    const place = this.#early.placeOf(receipt);
    return place > 0 ? this.#ask((wasm) => wasm.delivered(place)) : 'discarded';
  }

  /** Sends everything and ends: no listener, no timer, no further records. */
  async shutdown(): Promise<Delivery> {
    return this.#ask((wasm) => wasm.shutdown());
  }

  isEnabled(): boolean {
    if (!this.#isWanted()) return false;
    return this.#wasm === undefined ? this.#state === 'loading' : this.#read((wasm) => wasm.isEnabled(), false);
  }

  /** The session that records belong to; empty while the client is off. */
  getSessionId(): string {
    return this.#read((wasm) => wasm.getSessionId(), '');
  }

  /** Records that wait to be sent: for tests and debugging. */
  getBuffer(): Buffered {
    const empty: Buffered = { logs: [], traces: [], metrics: [], vitals: [], errors: [], events: [] };
    return this.#read((wasm) => wasm.getBuffer() as Buffered, empty);
  }

  /** The account of every record of this client. */
  stats(): Stats {
    this.#known = this.#read(readStats, undefined) ?? this.#known;
    const stats = addEarly(this.#known, this.#early);
    return this.#wasm === undefined ? { ...stats, enabled: false } : stats;
  }

  async #load(): Promise<void> {
    this.#state = 'loading';
    this.#ready = this.#connect();
    await this.#ready;
  }

  /** Off until the flag says otherwise. */
  #wait(): void {
    this.#state = 'waiting';
    this.#early.discardAll('disabled');
  }

  async #connect(): Promise<void> {
    try {
      const create = await loadWasm();
      // The flag may have been turned off while the wasm was on its way.
      if (!this.#isWanted()) return this.#wait();
      this.#wasm = create(this.#options);
      this.#state = 'on';
      this.#href = currentHref();
      this.#early.replay(this.#wasm);
      this.#early.handOver(this.#wasm);
      this.#known = readStats(this.#wasm);
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
      const labels = mergeContexts(this.#context, context);
      if (this.#wasm === undefined) {
        if (this.#state === 'dead') return this.#discard('client_failed');
        if (!isWanted) return this.#discard('disabled');
        const kept = keepContext(labels);
        return this.#early.keep((wasm, at) => make(wasm, kept, at));
      }
      this.#followPage(this.#wasm);
      return make(this.#wasm, labels);
    } catch (problem) {
      this.#survive(problem);
      return this.#discard('client_failed');
    }
  }

  /** Counts a call that makes no record, in the wasm if it is there. */
  #discard(reason: EarlyDiscard): Receipt {
    this.#early.discard(reason);
    this.#read((wasm) => this.#early.handOver(wasm), undefined);
    return 0;
  }

  /** Asks the wasm for something that takes time. */
  async #ask(question: (wasm: WasmClient) => Promise<unknown>): Promise<Delivery> {
    if (this.#state === 'loading') await this.#ready;
    try {
      return this.#wasm === undefined ? 'off' : ((await question(this.#wasm)) as Delivery);
    } catch (problem) {
      this.#survive(problem);
      return 'off';
    }
  }

  /** Asks the wasm, if it is there. */
  #read<T>(question: (wasm: WasmClient) => T, otherwise: T): T {
    return this.#guard(() => (this.#wasm === undefined ? otherwise : question(this.#wasm)), otherwise);
  }

  /** Whatever is thrown in here stays in here. */
  #guard<T>(body: () => T, otherwise: T): T {
    try {
      return body();
    } catch (problem) {
      this.#survive(problem);
      return otherwise;
    }
  }

  /** Follows a flag that changes while the page is open. The wasm counts what it refuses. */
  #isWantedNow(): boolean {
    const isWanted = this.#isWanted();
    if (this.#state === 'waiting' && isWanted) void this.#load();
    if (this.#followsFlag) this.#wasm?.setEnabled(isWanted);
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
    if (isTrap(problem)) this.#die(problem);
  }

  #die(problem: unknown): void {
    const wasm = this.#wasm;
    this.#state = 'dead';
    this.#wasm = undefined;
    this.#early.discardAll('client_failed');
    try {
      if (wasm !== undefined) this.#known = readStats(wasm);
    } catch {
      // It trapped again: the account stays as it was last seen.
    }
    explain(problem);
  }
}

function readStats(wasm: WasmClient): Stats {
  return { ...NO_STATS, ...(wasm.stats() as Stats) };
}

/** What was thrown may throw when it is read, and so may a console that an app has replaced. */
function explain(problem: unknown): void {
  try {
    const reason = problem instanceof Error ? problem.message : String(problem);
    console.error(`[beaconry] telemetry is off: ${reason}`);
  } catch {
    // Nothing is left to say it with.
  }
}

/** Empty where there is no page: in a worker, on a server. */
function currentHref(): string {
  return globalThis.location?.href ?? '';
}
