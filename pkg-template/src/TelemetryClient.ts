import { createAccount } from './account.js';
import { firstConsent, isConsent } from './consent.js';
import { createJudge } from './createJudge.js';
import type { Judge } from './createJudge.js';
import { checkConfig } from './checkConfig.js';
import { defer } from './defer.js';
import { createEarlyCalls } from './earlyCalls.js';
import type { EarlyDiscard } from './earlyCalls.js';
import { explain, warn } from './explain.js';
import { createFeatureGate } from './featureGate.js';
import type { FeatureGate } from './featureGate.js';
import { loadWasm } from './loadWasm.js';
import type { Instance, Launch, WasmClient } from './loadWasm.js';
import { makeRecord } from './makeRecord.js';
import type { Call, RecordType } from './makeRecord.js';
import { keepContext, mergeContexts } from './mergeContexts.js';
import { createPendingAnswers } from './pendingAnswers.js';
import { ownOnly } from './ownOnly.js';
import { snapshot } from './snapshot.js';
import { forgetEverything } from './storage.js';
import type {
  Buffered,
  Config,
  Consent,
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
  readonly #account = createAccount(this.#early);
  readonly #answers = createPendingAnswers();
  readonly #started = defer<void>();
  /** When it is known what became of the calls made so far. Before `start`, that waits for it. */
  #ready = this.#started.promise;
  #state: 'idle' | 'waiting' | 'loading' | 'on' | 'dead' = 'idle';
  #launch: Launch | undefined;
  #wasm: Instance | undefined;
  #options: object = {};
  #gate: FeatureGate | undefined;
  #judge: Judge | undefined;
  #debug = false;
  #isShutDown = false;
  #consent: Consent = 'granted';
  /** Whether the app itself has said so. */
  #hasConsent = false;
  #context: Context | undefined;
  /** Who the user was last said to be, and who the wasm takes it to be. */
  #nextUser: User | undefined;
  #user: User | undefined;
  #href = '';
  /** The last place of the stream that broke: those of the next are counted on from there. */
  #base = 0;
  /** What broke the first instance: all that goes wrong afterwards follows from it. */
  #trap: { readonly problem: unknown } | undefined;
  #lastPlace = 0;

  readonly #loadWasm: () => Promise<Launch>;

  /** With a config it starts at once; without one it keeps calls until `start`. `load` is for entries of this package. */
  constructor(config?: Config, load: () => Promise<Launch> = loadWasm) {
    this.#loadWasm = load;
    if (config !== undefined) void this.start(config);
  }

  /** Starts the client; a second call changes nothing. Resolves when it records or is off. */
  async start(config: Config): Promise<void> {
    if (this.#state !== 'idle') return this.#untilReady();
    this.#state = 'waiting';
    try {
      // A text would be taken apart into its characters.
      this.#take(ownOnly(typeof config === 'object' ? config : ({} as Config)));
      const reason = this.#refusal();
      if (reason === undefined) await this.#load();
      else this.#wait(reason);
    } catch (problem) {
      this.#die(problem);
    }
    this.#started.settle();
  }

  log(level: Level, message: string, context?: Context): Receipt {
    return this.#record('log', { level, message }, context);
  }

  metric(name: string, value: number, labels?: Context): Receipt {
    return this.#record('metric', { name, value }, labels);
  }

  /** Records something that took `durationMs`. Ids that are not given are made up. */
  trace(name: string, durationMs: number, attributes?: Context, ids?: TraceIds): Receipt {
    return this.#record('trace', { ...keepContext(ids), name, duration: durationMs }, attributes);
  }

  /** Begins a span; it is recorded when it ends. */
  startSpan(name: string, attributes?: Context, ids?: TraceIds): Span {
    const startedAt = this.#now();
    const begun = keepContext(attributes);
    let isOpen = true;
    return {
      end: (more) => {
        if (!isOpen) return 0;
        isOpen = false;
        return this.trace(name, this.#now() - startedAt, mergeContexts(begun, more), ids);
      },
    };
  }

  vital(vital: Vital): Receipt {
    return this.#record('vital', { ...keepContext(vital) }, undefined);
  }

  /** Records anything that can be thrown. `handled` [true] says whether the app caught it. */
  error(error: unknown, context?: Context, options?: { readonly handled?: boolean | undefined }): Receipt {
    const handled = guard(() => options?.handled ?? true, true);
    return this.#record('error', { thrown: error, handled }, context);
  }

  /** Records that something happened. The name takes lower-case letters, digits and `_`. */
  event(name: string, properties?: Context): Receipt {
    return this.#record('event', { name }, properties);
  }

  /** The same as `event`. */
  trackEvent(name: string, properties?: Context): Receipt {
    return this.event(name, properties);
  }

  /** Says who the user is from now on; records made before keep who it was then. */
  setUser(user: User): void {
    guard(() => {
      const { id, anonymousId } = user ?? {};
      const next = { id, anonymousId };
      this.#nextUser = next;
      if (this.#wasm !== undefined) this.#tellUser(next);
      else if (this.#state !== 'dead') this.#early.keepChange(() => this.#tellUser(next));
    }, undefined);
  }

  /**
   * Says what the user has allowed. `pending` keeps records in memory; `denied` removes what is kept, in
   * memory and in every store, counted; `granted` goes on.
   */
  setConsent(state: Consent): void {
    guard(() => {
      if (!isConsent(state)) return this.#advise("setConsent() takes 'granted', 'denied' or 'pending'");
      this.#consent = state;
      this.#hasConsent = true;
      const wasm = this.#wasm;
      // The wasm counts what it removes, so nothing is removed before it.
      const isTold = this.#read((client) => (client.setConsent(state), true), false);
      // One that has shut down may not listen any more.
      if (state === 'denied' && (!isTold || this.#isShutDown)) this.#forget();
      if (state === 'granted' && wasm !== undefined) this.#useConsent();
      if (this.#state === 'waiting' && this.#refusal() === undefined) void this.#load();
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
    if (receipt < 0) await this.#untilReady();
    const place = this.#early.placeOf(receipt);
    if (!(place > 0)) return 'discarded';
    // Of a stream that broke, nobody knows any more.
    return place > this.#base ? this.#ask((wasm) => wasm.delivered(place - this.#base)) : 'off';
  }

  /** Sends everything and ends: no listener, no timer, no further records. */
  async shutdown(): Promise<Delivery> {
    if (this.#state === 'loading') await this.#untilReady();
    const answer = this.#ask((wasm) => wasm.shutdown());
    this.#isShutDown = true;
    return answer;
  }

  isEnabled(): boolean {
    if (this.#gate?.appWants() === false) return false;
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
    this.#see();
    const stats = this.#account.total();
    return this.#wasm === undefined ? { ...stats, enabled: false } : stats;
  }

  #take(config: Config): void {
    checkConfig(config);
    this.#debug = config.debug === true;
    this.#judge = createJudge(config);
    this.#gate = createFeatureGate(config);
    this.#options = wasmOptions(config);
    this.#user = config.user;
    this.#nextUser ??= config.user;
    if (this.#hasConsent) return;
    this.#consent = firstConsent(config.consent);
    this.#hasConsent = (config.consent ?? undefined) !== undefined;
  }

  /** Why a record would not be made, as far as that is known without the wasm. */
  #refusal(): EarlyDiscard | undefined {
    if (this.#state === 'dead') return 'client_failed';
    if (this.#consent === 'denied') return 'consent_denied';
    const isIn = this.#gate?.includes(this.#nextUser?.id, this.#consent === 'granted') === true;
    return isIn && !this.#isShutDown && this.#gate?.appWants() === true ? undefined : 'disabled';
  }

  async #load(): Promise<void> {
    this.#state = 'loading';
    this.#ready = this.#connect();
    await this.#untilReady();
  }

  async #untilReady(): Promise<void> {
    do await this.#ready;
    while (this.#state === 'loading');
  }

  /** Off until flag and consent say otherwise. */
  #wait(reason: EarlyDiscard): void {
    this.#state = 'waiting';
    if (reason === 'consent_denied') this.#forget();
    else this.#early.discardAll(reason);
  }

  /** What there is without the wasm: calls that wait for it, and what earlier pages have stored. */
  #forget(): void {
    this.#early.discardAll('consent_denied');
    forgetEverything(this.#wasm === undefined);
  }

  async #connect(): Promise<void> {
    let instance: Instance | undefined;
    try {
      await this.#gate?.learn(this.#consent === 'granted');
      let reason = this.#refusal();
      if (reason === undefined) {
        this.#launch ??= await this.#loadWasm();
        instance = await this.#launch((problem) => this.#restart(problem));
        // Much may have been turned off while the wasm was on its way.
        reason = this.#refusal();
      }
      if (instance === undefined || reason !== undefined) return this.#wait(reason ?? 'disabled');
      this.#begin(instance);
    } catch (problem) {
      // A broken instance has been seen to already.
      if (instance?.isDead() !== true) this.#die(problem);
    }
  }

  #begin(instance: Instance): void {
    const consent = this.#hasConsent || this.#consent !== 'granted' ? { consent: this.#consent } : {};
    // A broken instance cannot release what it holds: the next one is told whose heir it is.
    // One that broke while it began was never asked for its stream, and holds nothing.
    const { stream } = this.#account.total();
    const inherits = this.#account.hasRestarted() && stream !== '' ? { inherits: stream } : {};
    instance.begin({ ...this.#options, ...this.#gate?.options(), ...consent, ...inherits });
    this.#wasm = instance;
    this.#state = 'on';
    this.#href = currentHref();
    if (this.#user !== undefined) this.#tellUser(this.#user);
    this.#early.replay(() => !instance.isDead());
    this.#handOver();
    this.#see();
  }

  /** Makes a record now, or as soon as the wasm is there. */
  #record(type: RecordType, fields: Call['fields'], context: Context | undefined): Receipt {
    try {
      const wasm = this.#wasm;
      if (wasm === undefined) return this.#keep(type, fields, context);
      // A flag of the app can change while the page is open. The wasm counts what it refuses.
      if (this.#gate?.hasOwnFlag === true) this.#switch(wasm, this.#gate.appWants());
      this.#followPage(wasm);
      return this.#make({ type, fields, context: mergeContexts(this.#context, context) });
    } catch {
      return this.#discard('client_failed');
    }
  }

  #keep(type: RecordType, fields: Call['fields'], context: Context | undefined): Receipt {
    // Before the start only the app can have denied.
    const isOpen = this.#state === 'idle' && this.#consent !== 'denied';
    const reason = isOpen ? undefined : this.#refusal();
    if (reason !== undefined) return this.#discard(reason);
    if (this.#state === 'waiting') void this.#load();
    const kept = keepContext(mergeContexts(this.#context, context));
    return this.#early.keep((at) => this.#make({ type, fields, context: kept }, at));
  }

  #make(call: Call, at?: number): Receipt {
    const judged = this.#judge === undefined ? call : this.#judge(call);
    if (typeof judged === 'string') return this.#discard(judged);
    if (this.#wasm === undefined) return this.#discard('client_failed');
    const place = this.#wasm.call((wasm) => makeRecord(wasm, judged, at));
    if (this.#account.made() >= MOST_UNSEEN) this.#see();
    if (!(place > 0)) return 0;
    this.#lastPlace = this.#base + place;
    return this.#lastPlace;
  }

  /** Counts a call that makes no record, in the wasm if it is there. */
  #discard(reason: EarlyDiscard): Receipt {
    this.#early.discard(reason);
    this.#handOver();
    return 0;
  }

  #handOver(): void {
    this.#read((wasm) => this.#early.handOver(wasm, this.#account.handed), undefined);
  }

  /** Looks at the account of the wasm. */
  #see(): void {
    const stats = this.#read((wasm) => wasm.stats() as Stats | undefined, undefined);
    if (stats !== undefined) this.#account.saw(stats);
  }

  /** Asks the wasm for something that takes time. */
  async #ask(question: (wasm: WasmClient) => Promise<unknown>): Promise<Delivery> {
    if (this.#state === 'loading') await this.#untilReady();
    try {
      return this.#wasm === undefined ? 'off' : await this.#answers.wait(this.#wasm.call(question));
    } catch {
      return 'off';
    }
  }

  /** Asks the wasm, if it is there. */
  #read<T>(question: (wasm: WasmClient) => T, otherwise: T): T {
    return guard(() => (this.#wasm === undefined ? otherwise : this.#wasm.call(question)), otherwise);
  }

  #switch(wasm: Instance, isOn: boolean): void {
    wasm.call((client) => client.setEnabled(isOn));
  }

  #tellUser(user: User): void {
    this.#user = user;
    const anonymousId = this.#consent === 'granted' ? user.anonymousId : undefined;
    this.#read((wasm) => wasm.setUser(user.id, anonymousId), undefined);
  }

  /** What had to wait until something may be stored. */
  #useConsent(): void {
    this.#gate?.keep();
    if (this.#user !== undefined) this.#tellUser(this.#user);
  }

  /** An app that navigates without loading a page tells nobody, so each record looks. */
  #followPage(wasm: Instance): void {
    const href = currentHref();
    if (href === this.#href) return;
    this.#href = href;
    wasm.call((client) => client.navigated(href));
  }

  #now(): number {
    return guard(() => performance.now(), Number.NaN);
  }

  #advise(advice: string): void {
    if (this.#debug) warn(advice);
  }

  /**
   * A broken instance is not called again. One more is made of the same module, with a stream of its own;
   * it finds the spool of the broken one as it finds that of any page that is gone.
   */
  #restart(problem: unknown): void {
    this.#wasm = undefined;
    this.#trap ??= { problem };
    this.#base = this.#lastPlace;
    this.#account.broke();
    this.#answers.giveUp();
    if (this.#isShutDown || this.#account.hasRestarted()) return this.#die(problem);
    this.#account.restarted();
    void this.#load();
  }

  #die(problem: unknown): void {
    this.#state = 'dead';
    this.#wasm = undefined;
    this.#early.discardAll('client_failed');
    if (!this.#isShutDown) explain(this.#trap === undefined ? problem : this.#trap.problem);
  }
}

/** Whatever is thrown in here stays in here. */
function guard<T>(body: () => T, otherwise: T): T {
  try {
    return body();
  } catch {
    return otherwise;
  }
}

/** Empty where there is no page: in a worker, on a server. */
function currentHref(): string {
  return guard(() => String(globalThis.location?.href ?? ''), '');
}

/** Calls that may come to nothing known when the wasm breaks; looking takes as long as making some records. */
const MOST_UNSEEN = 256;
