import { createAccount } from './account.js';
import { asPlainCall } from './asPlainCall.js';
import { checkConfig } from './checkConfig.js';
import type { Wrong } from './checkConfig.js';
import type { WasmGiven } from './compileWasm.js';
import { firstConsent, isConsent } from './consent.js';
import { createAdvice } from './createAdvice.js';
import { createJudge } from './createJudge.js';
import type { Judge } from './createJudge.js';
import { createSpan } from './createSpan.js';
import { currentHref } from './currentHref.js';
import { showPanel } from './debug/showPanel.js';
import { defer } from './defer.js';
import { createEarlyCalls } from './earlyCalls.js';
import type { EarlyDiscard } from './earlyCalls.js';
import { explain } from './explain.js';
import { explainWrong } from './explainWrong.js';
import { createFeatureGate } from './featureGate.js';
import type { FeatureGate } from './featureGate.js';
import { guard } from './guard.js';
import type { TakenOver } from './loader/index.js';
import { loadWasm } from './loadWasm.js';
import type { Instance, Launch, WasmClient } from './loadWasm.js';
import { makeRecord } from './makeRecord.js';
import type { Call, RecordType } from './makeRecord.js';
import { keepContext, mergeContexts } from './mergeContexts.js';
import { ownOnly } from './ownOnly.js';
import { claimUrls } from './ownUrls.js';
import { createPendingAnswers } from './pendingAnswers.js';
import { routeBeside } from './routeBeside.js';
import { createStandIn } from './standIn.js';
import { forgetEverything, forgetUploads } from './storage.js';
import { makeCalls, takeOver, tellLoader } from './takeOver.js';
import type { Buffered, Config, Consent, Context, Delivery, Destination, Feedback } from './types.js';
import type { Level, Receipt, Span, Stats, TraceIds, User, Vital } from './types.js';
import { isSeen, nextTask, untilPainted } from './untilPainted.js';
import { wasmOptions } from './wasmOptions.js';
import { whenLeaving } from './whenLeaving.js';

/**
 * A telemetry client. No call ever throws, blocks, or returns a promise that rejects: what goes
 * wrong is counted in `stats()`.
 *
 * What to keep, when to send it and when to forget it is decided in the wasm. This class loads it,
 * keeps the calls made before it is there, and guards every call into it.
 */
export class TelemetryClient {
  readonly #early = createEarlyCalls();
  readonly #standIn = createStandIn(() => this.#maySend());
  readonly #account = createAccount(this.#early, this.#standIn);
  readonly #answers = createPendingAnswers();
  readonly #started = defer<void>();
  /** When it is known what became of the calls made so far. Before `start`, that waits for it. */
  #ready = this.#started.promise;
  #state: 'idle' | 'waiting' | 'loading' | 'on' | 'without' | 'dead' = 'idle';
  #source: WasmGiven | undefined;
  #loader: TakenOver | undefined;
  /** Whether the page has been painted, so that its storage may be read. */
  #mayLook = false;
  /** When the call that is made right now was made, if that is not now. */
  #at: number | undefined;
  #config: Config | undefined;
  /** Whether the wasm has begun with nothing of the page, which is about to follow. */
  #isHalfBegun = false;
  #stopWatching: (() => void) | undefined;
  #launch: Launch | undefined;
  #wasm: Instance | undefined;
  #options: object = {};
  #gate: FeatureGate | undefined;
  #judge: Judge | undefined;
  readonly #advice = createAdvice();
  #isShutDown = false;
  #consent: Consent = 'granted';
  /** Whether the app itself has said so. */
  #hasConsent = false;
  #consentAt = -1;
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

  readonly #loadWasm: (source: WasmGiven | undefined) => Promise<Launch>;

  /**
   * With a config it starts at once; without one it keeps calls until `start`. `source` is where the wasm is,
   * unless the config says so; `load` is for entries of this package.
   */
  constructor(config?: Config, source?: WasmGiven, load = loadWasm) {
    this.#source = source;
    this.#loadWasm = load;
    if (config !== undefined) void this.start(config);
  }

  /** Starts the client; a second call changes nothing. Resolves when it records or is off. */
  async start(config: Config): Promise<void> {
    if (this.#state !== 'idle') return this.#untilReady();
    this.#takeOver();
    this.#state = 'waiting';
    try {
      // A text would be taken apart into its characters.
      const wrong = this.#take(ownOnly(typeof config === 'object' ? config : ({} as Config)));
      const reason = this.#refusal();
      if (wrong !== undefined) this.#end(), await explainWrong(wrong);
      else if (reason === undefined) await this.#load();
      else this.#wait(reason);
    } catch (problem) {
      this.#die(problem);
    }
    this.#started.settle();
    showPanel(this, this.#config?.endpoint);
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
    return createSpan(attributes, (durationMs, all) => this.trace(name, durationMs, all, ids));
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

  /** Records a bug report, or whatever else somebody typed to be read by you. It is stored at once. */
  feedback(feedback: Feedback, context?: Context): Receipt {
    return this.#record('feedback', { ...keepContext(feedback) }, context);
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
      if (this.#state === 'on') this.#tellUser(next);
      else if (this.#state !== 'dead') this.#early.keepChange(() => this.#tellUser(next), this.#at);
    }, undefined);
  }

  /**
   * Says what the user has allowed. `pending` keeps records in memory; `denied` removes what is kept, in
   * memory and in every store, counted; `granted` goes on.
   */
  setConsent(state: Consent): void {
    guard(() => {
      if (!isConsent(state)) return this.advise("setConsent() takes 'granted', 'denied' or 'pending'");
      this.#consent = state;
      this.#hasConsent = true;
      this.#consentAt = this.#at ?? Date.now();
      if (this.#state === 'idle') tellLoader(state);
      const wasm = this.#wasm;
      // The wasm counts what it removes, so nothing is removed before it.
      const isTold = this.#read((client) => (client.setConsent(state), true), false);
      // One that has shut down may not listen any more.
      if (state === 'denied' && (!isTold || this.#isShutDown)) this.#forget();
      else if (state === 'denied') this.#early.discard('consent_denied', this.#standIn.forget()), forgetUploads();
      if (state === 'granted' && wasm !== undefined) this.#useConsent();
      if (this.#state === 'without') this.#early.replay(() => state !== 'pending');
      if (this.#state === 'waiting' && this.#refusal() === undefined) void this.#load();
    }, undefined);
  }

  /** Adds `context` to every record made from now on. What a call says itself goes first. */
  setContext(context: Context | undefined): void {
    this.#context = keepContext(context);
  }

  /** Sends everything now. Resolves when it is delivered, or when a try has failed; at once while consent is pending. */
  async flush(): Promise<Delivery> {
    return this.#ask((wasm) => wasm.flush());
  }

  /**
   * Resolves when the record is on the server's disk, or discarded. Records that are made while consent is pending have
   * the receipt 0: that is `pending` for as long, and says nothing of them afterwards; `flush()` does.
   */
  async delivered(receipt: Receipt): Promise<Delivery> {
    if (typeof receipt !== 'number') return 'discarded';
    if (receipt < 0) await this.#untilReady();
    const place = this.#early.placeOf(receipt);
    if (!(place > 0)) return this.#consent === 'pending' && this.isEnabled() ? 'pending' : 'discarded';
    // Of a stream that broke, nobody knows any more.
    return place > this.#base ? this.#ask((wasm) => wasm.delivered(place - this.#base)) : 'off';
  }

  /** Sends everything and ends: no listener, no timer, no further records. */
  async shutdown(): Promise<Delivery> {
    if (this.#state === 'loading') await this.#untilReady();
    const answer = this.#ask((wasm) => wasm.shutdown());
    this.#standIn.sendNow();
    this.#isShutDown = true;
    this.#stopWatching?.();
    this.#early.discard('disabled', this.#standIn.forget());
    return answer;
  }

  isEnabled(): boolean {
    if (this.#gate?.appWants() === false) return false;
    return this.#wasm === undefined ? this.#state === 'loading' : this.#read((wasm) => wasm.isEnabled(), false);
  }

  /** Where records go, for entries that send there too; nothing while the client is off. */
  destination(): Destination | undefined {
    const { endpoint, token } = this.#options as Config;
    return this.isEnabled() ? { endpoint, token, consent: this.#consent } : undefined;
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

  /** Explains misuse on the console in debug mode. For hooks, which may start before the client does. */
  advise(advice: string): void {
    this.#advice.give(advice);
  }

  /** Counts a record that a hook did not make, since there were too many: `rate_limited` in `stats()`. */
  leaveOut(): void {
    guard(() => this.#discard((this.#state !== 'idle' && this.#refusal()) || 'rate_limited'), 0);
  }

  /** Takes the config, or gives back what is wrong with it. */
  #take(config: Config): Wrong | undefined {
    this.#options = wasmOptions(config);
    const wrong = checkConfig(ownOnly({ ...config, ...this.#options }));
    if (wrong !== undefined) return wrong;
    guard(() => claimUrls(config.endpoint, config.featuresUrl ?? routeBeside(config.endpoint, '/api/features')), undefined);
    this.#advice.settle(config.debug === true);
    this.#judge = createJudge(config);
    this.#gate = createFeatureGate(config);
    this.#source = (config as { readonly wasm?: WasmGiven }).wasm ?? this.#source;
    this.#config = config;
    this.#user = config.user;
    this.#nextUser ??= config.user;
    if (!this.#hasConsent) {
      this.#consent = firstConsent(config.consent);
      this.#hasConsent = (config.consent ?? undefined) !== undefined;
    }
    return undefined;
  }

  /** Why a record would not be made, as far as that is known without the wasm. */
  #refusal(): EarlyDiscard | undefined {
    if (this.#state === 'dead') return 'client_failed';
    if (this.#consent === 'denied') return 'consent_denied';
    const isIn = this.#mayLook
      ? this.#gate?.includes(this.#nextUser?.id, this.#consent === 'granted') === true
      : this.#gate?.isOffForAll === false;
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
    this.#loader?.stop();
    if (reason === 'consent_denied') this.#forget();
    else this.#discardAll(reason);
  }

  #discardAll(reason: EarlyDiscard): void {
    this.#early.discardAll(reason, this.#standIn.forget());
  }

  /** What there is without the wasm: calls that wait for it, and what earlier pages have stored. */
  #forget(): void {
    this.#discardAll('consent_denied');
    forgetEverything(this.#wasm === undefined);
  }

  /** Nothing of it comes before the first paint, and what takes long is a task of its own. */
  async #connect(): Promise<void> {
    const stop = whenLeaving(() => this.#leave());
    let instance: Instance | undefined;
    try {
      await untilPainted();
      this.#mayLook = true;
      let reason = this.#refusal();
      if (reason === undefined) {
        await this.#gate?.learn(this.#consent === 'granted');
        reason = this.#refusal();
      }
      if (reason === undefined) {
        instance = await this.#instantiate();
        if (instance === undefined) return;
        await nextTask();
        // Much may have been turned off while the wasm was on its way.
        reason = this.#refusal();
      }
      if (instance === undefined || reason !== undefined) return this.#wait(reason ?? 'disabled');
      await this.#begin(instance);
      await this.#catchUp(instance);
    } catch (problem) {
      // A broken instance has been seen to already.
      if (instance?.isDead() !== true) this.#die(problem);
    } finally {
      stop();
    }
  }

  /** Nothing if the wasm is refused: then the client goes on without it. */
  async #instantiate(): Promise<Instance | undefined> {
    // In a worker nothing goes without notice.
    const slow = typeof document === 'object' ? setTimeout(() => void this.#fetchStandIn(), SLOW_MS) : undefined;
    try {
      this.#launch ??= await this.#loadWasm(this.#source);
      return await this.#launch((problem) => this.#restart(problem));
    } catch (problem) {
      await this.#goWithout(problem);
    } finally {
      clearTimeout(slow);
    }
    return undefined;
  }

  /** The page goes while the wasm is on its way. What cannot be sent now waits for it to come back. */
  #leave(): void {
    if (this.#wasm !== undefined) {
      this.#beginRest();
      this.#early.replay(() => true);
      return;
    }
    this.#mayLook = true;
    if (!this.#maySend() || !this.#standIn.isThere()) return;
    this.#standIn.use(this.#config as Config);
    this.#standIn.setRates({ ...this.#config, ...this.#gate?.rates() });
    this.#early.replay(() => true);
    this.#standIn.sendNow();
  }

  #maySend(): boolean {
    return this.#gate?.isKnown() === true && this.#consent === 'granted' && this.#refusal() === undefined;
  }

  /** The wasm is refused. Errors are sent all the same. */
  async #goWithout(problem: unknown): Promise<void> {
    if (!(await this.#fetchStandIn()) || this.#isShutDown) return this.#die(problem);
    this.#state = 'without';
    this.#stopWatching = whenLeaving(() => this.#standIn.sendNow());
    explain(problem, 'only errors are sent');
    this.#early.replay(() => this.#consent !== 'pending');
  }

  /** Whether what sends records without the wasm is there. */
  async #fetchStandIn(): Promise<boolean> {
    return this.#standIn.fetch(this.#config as Config).then(() => true, () => false);
  }

  /** Adds what the loader has kept. */
  #takeOver(): void {
    this.#loader = takeOver(this);
    if (this.#loader === undefined) return;
    makeCalls(this, this.#loader.calls, this.#consentAt, (at) => (this.#at = at));
    this.#early.sort();
    this.#early.discard('queue_overflow', this.#loader.dropped);
    this.#standIn.bring(this.#loader.createPost, this.#loader.sent);
  }

  async #begin(instance: Instance): Promise<void> {
    // Where a person waits, the page's storage, listeners and locks are a task of their own: until consent is
    // granted, the wasm takes none of them.
    this.#isHalfBegun = this.#consent === 'granted' && isSeen();
    const first = this.#isHalfBegun ? 'pending' : this.#consent;
    const consent = this.#hasConsent || first !== 'granted' ? { consent: first } : {};
    instance.begin({ ...this.#options, ...this.#gate?.options(), ...consent });
    this.#wasm = instance;
    this.#href = currentHref();
    if (this.#user !== undefined) this.#tellUser(this.#user);
    if (this.#isHalfBegun) await nextTask();
    this.#beginRest();
    await nextTask();
  }

  /** What the app has said in the meantime holds. */
  #beginRest(): void {
    if (!this.#isHalfBegun) return;
    this.#isHalfBegun = false;
    this.#read((wasm) => wasm.setConsent(this.#consent), undefined);
    if (this.#user !== undefined && this.#consent === 'granted') this.#tellUser(this.#user);
  }

  /** Makes the calls that were kept, some in each task. Until then further ones are kept behind them. */
  async #catchUp(instance: Instance): Promise<void> {
    const isAtWork = (): boolean => this.#wasm === instance && !instance.isDead();
    for (const { call, at } of this.#standIn.giveBack()) this.#early.keep((at) => this.#give(call as Call, at), at);
    this.#early.sort();
    for (;;) {
      let left = MOST_IN_A_TASK;
      if (this.#early.replay(() => isAtWork() && left-- > 0) || !isAtWork()) break;
      await nextTask();
    }
    if (!isAtWork()) return;
    this.#state = 'on';
    this.#handOver();
    this.#see();
  }

  /** Makes a record now, or as soon as the wasm is there. */
  #record(type: RecordType, fields: Call['fields'], context: Context | undefined): Receipt {
    try {
      const wasm = this.#wasm;
      if (wasm === undefined || this.#state === 'loading') return this.#keep(type, fields, context);
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
    const call = { type, fields, context: kept };
    if (this.#state === 'without' && this.#consent === 'granted') return this.#make(call);
    return this.#early.keep((at) => this.#make(call, at), this.#at);
  }

  #make(call: Call, at?: number): Receipt {
    const judged = this.#judge?.(call) ?? call;
    return typeof judged === 'string' ? this.#discard(judged) : this.#give(judged, at);
  }

  #give(judged: Call, at?: number): Receipt {
    if (this.#wasm === undefined) return this.#makeWithout(judged, at);
    const place = this.#wasm.call((wasm) => makeRecord(wasm, judged, at));
    if (this.#account.made() >= MOST_UNSEEN) this.#see();
    if (!(place > 0)) return 0;
    this.#lastPlace = this.#base + place;
    return this.#lastPlace;
  }

  #makeWithout(call: Call, at = Date.now()): Receipt {
    const isForIt = this.#state === 'loading' || call.type === 'error';
    const reason = isForIt ? this.#standIn.take(asPlainCall(call), at) : 'client_failed';
    return reason === undefined ? 0 : this.#discard(reason);
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
    this.#end();
    if (!this.#isShutDown) explain(this.#trap === undefined ? problem : this.#trap.problem);
  }

  #end(): void {
    this.#state = 'dead';
    this.#wasm = undefined;
    this.#discardAll('client_failed');
  }
}

/** How long a page may be without a way to send: as long as records wait before they are stored. */
const SLOW_MS = 1_000;
/** About as many as a slow phone makes in the time of one frame. */
const MOST_IN_A_TASK = 100;
/** Calls that may come to nothing known when the wasm breaks; looking takes as long as making some records. */
const MOST_UNSEEN = 256;
