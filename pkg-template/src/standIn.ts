import type { Call } from './makeRecord.js';
import type { Config, Stats } from './types.js';
import type { Made, Post, Sender, createPost } from './withoutWasm/index.js';

export type StandIn = ReturnType<typeof createStandIn>;

/** What sends records where there is no wasm, if `maySend` says so. It is fetched when it is needed. */
export function createStandIn(maySend: () => boolean) {
  let sender: Sender | undefined;
  let create: typeof createPost | undefined;
  let post: Post | undefined;
  /** How often everything was to be forgotten. */
  let denials = 0;
  let luck = 0;
  let rates: Pick<Config, 'sampleRate' | 'tracesSampleRate'> = {};
  /** For the loader's way of posting, until there is more. */
  let kept: readonly Made[] = [];
  let handedOver = 0;

  function isSampled(type: Call['type']): boolean {
    if (type === 'error') return true;
    const { sampleRate = 1, tracesSampleRate = 1 } = rates;
    return luck < sampleRate * (type === 'trace' ? tracesSampleRate : 1);
  }

  /** The page is still there, and the server has not got them. */
  async function putBack(records: readonly Made[]): Promise<void> {
    handedOver -= records.length;
    kept = [...records, ...kept];
    await load().catch(() => undefined);
  }

  /** Gets what can send again and again, and gives it what waits. */
  async function load(config?: Config): Promise<void> {
    const { createPost, createSender } = await import('./withoutWasm/index.js');
    if (config !== undefined) post ??= createPost(config);
    if (post === undefined) return;
    sender ??= createSender(post, maySend);
    sender.adopt(kept);
    kept = [];
  }

  return {
    isThere: (): boolean => sender !== undefined || create !== undefined,
    /** Uses what the loader has brought, until more is needed. It has sent so many already. */
    bring(from: typeof createPost, sent: number): void {
      create = from;
      handedOver += sent;
    },
    /** Where the client sends is where everything of it goes. */
    use(config: Config): void {
      post ??= create?.(config);
    },
    /** Draws whether this page is one of those that are recorded, which only the wasm knows of its session. */
    setRates(to: typeof rates): void {
      rates = to;
      luck ||= Math.random();
    },
    /** Fetches what can send again and again. Rejects where that, too, is refused. */
    fetch: (config: Config): Promise<void> => load(config),
    /** Takes a record, or says why it does not. */
    take(call: Call, at: number) {
      if (!isSampled(call.type)) return 'sampled_out';
      if (sender !== undefined) return sender.take(call, at) ? undefined : 'queue_overflow';
      if (post === undefined) return 'client_failed';
      kept = [...kept, { call, at }];
      return undefined;
    },
    /** Gives to the browser what fits, since the page goes. */
    sendNow(): void {
      sender?.sendNow();
      if (post === undefined || kept.length === 0 || !maySend()) return;
      try {
        const { records, answer } = post(kept, true);
        kept = kept.slice(records.length);
        handedOver += records.length;
        const before = denials;
        const again = (): void => {
          if (before === denials) void putBack(records);
        };
        answer.then(({ ok }) => ok || again(), again);
      } catch {
        // It waits for the page to come back.
      }
    },
    /** Gives up all that waits: how many that were. */
    forget(): number {
      denials += 1;
      const count = kept.length + (sender?.forget() ?? 0);
      kept = [];
      return count;
    },
    /** Gives away what was in no request yet, since there is something better. */
    giveBack(): readonly Made[] {
      const unsent = [...kept.filter(({ seq }) => seq === undefined), ...(sender?.giveBack() ?? [])];
      kept = kept.filter((made) => !unsent.includes(made));
      return unsent;
    },
    stats(): Partial<Stats> {
      const of = sender?.stats();
      const made = kept.length + handedOver;
      return {
        ...of,
        recorded: made + (of?.recorded ?? 0),
        withoutWasm: made + (of?.withoutWasm ?? 0),
        handedOver: handedOver + (of?.handedOver ?? 0),
        waiting: kept.length + (of?.waiting ?? 0),
      };
    },
  };
}
