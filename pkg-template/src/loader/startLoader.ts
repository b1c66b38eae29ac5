import type { Config } from '../types.js';
import { createPost } from '../withoutWasm/createPost.js';
import type { Made, Post } from '../withoutWasm/createPost.js';
import { FIELDS, asCall } from './asCall.js';
import { maySend } from './maySend.js';

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
  /** Calls that it had no room for. */
  readonly dropped: number;
  /** Records that it has sent by itself. */
  readonly sent: number;
  /** Its way of sending, if it was told where to. */
  readonly post: Post | undefined;
  stop(): void;
}

/** What stands as `window.beaconry` until the client is there; a client that starts looks for it. */
export interface Loader extends Record<CallName, (...args: unknown[]) => number> {
  /** Keeps the config: for records that have to leave before the client is there, and for the script-tag build. */
  init(config: Config): void;
  /** What `init` was given. */
  config?: Config;
  /** Gives away what was kept, in order, and passes on what comes. */
  take(receiver: Receiver): TakenOver;
  /** Listens to errors of the page no longer: somebody else does. */
  stop(): void;
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
      if (name === 'setConsent') consent = args[0];
      if (kept.length >= MOST) return (dropped += 1, 0);
      const copies = name === 'error' ? args : args.map(copy);
      kept.push({ name, args: copies, at: Date.now(), call: asCall(name, copies) });
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
  function send(onlyErrors?: true | 'again'): void {
    const { config } = loader;
    if (receiver || !config || !maySend(config, consent)) return;
    if (onlyErrors) {
      if (onlyErrors === true) console.warn('[beaconry] no client has come: only errors are sent');
      setTimeout(send, PATIENCE_MS, 'again');
    }
    const wanted = kept.filter(({ name, call }) => (onlyErrors ? name === 'error' : call));
    if (!wanted[0]) return;
    try {
      const { records, answer } = (post ??= createPost(config))(wanted, !onlyErrors);
      sent += records.length;
      kept = kept.filter((one) => !records.includes(one));
      answer.then(undefined, () => undefined);
    } catch {
      // Nothing of this reaches the page.
    }
  }

  function onLeaving({ type }: Event): void {
    if (type === 'pagehide' || document.visibilityState === 'hidden') send();
  }

  function listen(act: typeof addEventListener, listener: (event: never) => void, ...types: string[]): void {
    for (const type of types) act(type, listener as EventListener);
  }

  const loader = {
    init(config: Config): void {
      loader.config ??= config;
      setTimeout(send, PATIENCE_MS, true);
    },
    take(next: Receiver): TakenOver {
      receiver ??= next;
      listen(removeEventListener, onLeaving, 'visibilitychange', 'pagehide');
      if (loader.config) post ??= createPost(loader.config);
      return { calls: kept.splice(0), dropped, sent, post, stop: loader.stop };
    },
    stop: () => listen(removeEventListener, onError, 'error', 'unhandledrejection'),
  } as Loader;
  const names = [...Object.keys(FIELDS), 'setUser', 'setConsent', 'setContext'] as CallName[];
  for (const name of names) loader[name] = (...args) => call(name, args);
  listen(addEventListener, onError, 'error', 'unhandledrejection');
  listen(addEventListener, onLeaving, 'visibilitychange', 'pagehide');
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

const MOST = 500;
const PATIENCE_MS = 30_000;
