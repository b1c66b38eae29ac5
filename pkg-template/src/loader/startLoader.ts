import type { Config } from '../types.js';
import { createPost } from '../withoutWasm/createPost.js';
import type { Made, Post } from '../withoutWasm/createPost.js';
import { FIELDS, asCall } from './asCall.js';
import { firstConsent, maySend } from './maySend.js';

/** The methods of a client that the loader has, too. */
export type CallName = 'log' | 'metric' | 'trace' | 'vital' | 'error' | 'event' | 'setUser' | 'setConsent' | 'setContext';

/** A call that was made before the client was there. `at` is when. */
export interface KeptCall extends Made {
  readonly name: CallName;
  readonly args: readonly unknown[];
}

/** What gets the calls when it is there. */
export type Receiver = { readonly [Name in CallName]: (...args: never[]) => unknown };

/** What the loader kept, for the client. */
export interface TakenOver {
  readonly calls: readonly KeptCall[];
  /** Calls that it had no room for or that the user had denied. */
  readonly dropped: number;
  /** Records that it has sent by itself. */
  readonly sent: number;
  /** Its way of sending, for where the client sends. */
  readonly createPost: typeof createPost;
  stop(): unknown;
}

/** What stands as `window.beaconry` until the client is there; a client that starts looks for it. */
export interface Loader extends Record<CallName, (...args: unknown[]) => number> {
  /** Keeps the config: for records that have to leave before the client is there, and for the script-tag build. */
  init(config: Config): void;
  /** What `init` was given. */
  config?: Config;
  /** Hears what the user has allowed, also from a client that has not started. */
  allow(state: unknown): void;
  /** Gives away what was kept, in order, and passes on what comes. */
  take(receiver: Receiver): TakenOver;
  /** Listens to errors of the page no longer: somebody else does. */
  stop(): unknown;
}

/**
 * Catches errors, rejections and calls from now on, as `window.beaconry`, until the client is there and takes them
 * over with their own times. If the page goes first, it sends what it has; if nobody comes, it sends errors by itself.
 *
 * ```ts
 * import { startLoader } from 'beaconry/loader';
 *
 * const loader = startLoader();
 * loader.log('info', 'The first line of the page');
 * loader.init({ endpoint: '/api/telemetry/batch', token: 'your-ingest-key' });
 * ```
 */
export function startLoader(): Loader {
  let kept: KeptCall[] = [];
  let dropped = 0;
  let sent = 0;
  let consent: unknown;
  let receiver: Receiver | undefined;
  let post: Post | undefined;

  function call(name: CallName, args: readonly unknown[]): number {
    try {
      if (receiver) return (receiver[name] as (...args: unknown[]) => number)(...args);
      const copies = name === 'error' ? args : args.map(copy);
      const made = { name, args: copies, at: Date.now(), call: asCall(name, copies) };
      if (made.call && kept.length >= MOST) return (dropped += 1, 0);
      // Of what makes no record, the last of each kind always has room.
      kept = [...kept.filter((one, at) => at < MOST || one.name !== name), made];
      loader.allow(name === 'setConsent' ? args[0] : consent);
    } catch {
      // Nothing of this reaches the page.
    }
    return 0;
  }

  function onError(event: ErrorEvent | PromiseRejectionEvent): void {
    // Of a script of another origin there is no error, only a message.
    const { message, error = (event as PromiseRejectionEvent).reason } = event as ErrorEvent;
    call('error', [error ?? message, undefined, { handled: false }]);
  }

  /** Sends what is kept, or the errors of it, and forgets that: nothing is made twice. */
  function send(onlyErrors?: 1 | 2): void {
    const { config } = loader;
    if (receiver || !config || !maySend(config, consent)) return;
    if (onlyErrors) {
      if (onlyErrors === 1) console.warn('[beaconry] only errors are sent');
      setTimeout(send, PATIENCE_MS, 2);
    }
    const wanted = kept.filter(({ name, call }) => (onlyErrors ? name === 'error' : call));
    if (!wanted[0]) return;
    try {
      const { records, answer } = (post ??= createPost(config))(wanted, !onlyErrors);
      sent += records.length;
      kept = kept.filter((one) => !records.includes(one));
      answer.catch(() => 0);
    } catch {
      // Nothing of this reaches the page.
    }
  }

  function onLeaving({ type }: Event): void {
    if (type === 'pagehide' || document.hidden) send();
  }

  const loader = {
    init(config: Config): void {
      loader.config ??= config;
      loader.allow(consent ?? firstConsent(loader.config));
      setTimeout(send, PATIENCE_MS, 1);
    },
    allow(state: unknown): void {
      consent = state;
      if (state === 'denied') kept = kept.filter(({ call }) => !call || void (dropped += 1));
    },
    take(next: Receiver): TakenOver {
      receiver ??= next;
      return { calls: kept.splice(0), dropped, sent, createPost, stop: loader.stop };
    },
    stop: () => ERRORS.map((type) => removeEventListener(type, onError as EventListener)),
  } as Loader;
  const names = [...Object.keys(FIELDS), 'setUser', 'setConsent', 'setContext'] as CallName[];
  for (const name of names) loader[name] = (...args) => call(name, args);
  ERRORS.map((type) => addEventListener(type, onError as EventListener));
  addEventListener('visibilitychange', onLeaving);
  addEventListener('pagehide', onLeaving);
  (globalThis as { beaconry?: Loader }).beaconry = loader;
  return loader;
}

/** What the app passes is read now, as far as JSON can say it. */
function copy(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return value;
  }
}

const ERRORS = ['error', 'unhandledrejection'];
const MOST = 500;
const PATIENCE_MS = 30_000;
