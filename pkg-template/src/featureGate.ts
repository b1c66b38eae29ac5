import { askServer } from './askServer.js';
import { BUCKETS, bucketOf } from './bucketOf.js';
import { ownOnly } from './ownOnly.js';
import { lastKnown, remember } from './remote.js';
import type { LastKnown, Remote } from './remote.js';
import { routeBeside } from './routeBeside.js';
import { readStored, store } from './storage.js';
import type { Config, FeatureFlag } from './types.js';

export type FeatureGate = ReturnType<typeof createFeatureGate>;

/**
 * Whether telemetry is wanted, as far as that is known without the wasm: by the config, the app's own
 * flag, the server's, and the rollout. `mayStore` says whether consent allows to write anything down.
 */
export function createFeatureGate(config: Config) {
  const { enabled, featureFlag, isFeatureEnabled } = config;
  const app = typeof config.app === 'string' ? config.app : 'default';
  const asksServer = featureFlag === 'server';
  const anonymous = createAnonymousBucket();
  let stored: LastKnown | undefined;
  let remote: Remote | undefined;
  let hasLooked = false;
  let hasAsked = !asksServer;
  let isKnown = !asksServer;
  let bucket: number | undefined;
  let isAsking = false;
  let answer = false;

  function isIn(flag: FeatureFlag | undefined, userId: unknown, mayStore: boolean): boolean {
    if (flag === undefined || flag === null) return true;
    const { phase, rollout } = ownOnly(flag);
    if (phase === 'DISABLED') return false;
    // What is no number is left to the wasm, which names it.
    if (typeof rollout !== 'number' || rollout >= 100) return true;
    if (rollout <= 0) return false;
    const isKnown = typeof userId === 'string' || typeof userId === 'number';
    bucket = isKnown ? bucketOf(String(userId)) : anonymous.read(mayStore);
    return bucket < rollout * (BUCKETS / 100);
  }

  /** What the server said last: read when it is needed, since the first reading of a storage takes its time. */
  function look(): void {
    if (hasLooked) return;
    hasLooked = true;
    stored = lastKnown(app);
    if (stored?.isFresh === true) remote = stored.remote;
  }

  return {
    /** Whether the app has a flag of its own, which can change while the page is open. */
    hasOwnFlag: typeof isFeatureEnabled === 'function',
    /** What the app's own flag says at this moment. */
    appWants(): boolean {
      if (typeof isFeatureEnabled !== 'function') return true;
      // An app whose flags log would ask for ever.
      if (isAsking) return answer;
      isAsking = true;
      try {
        answer = Boolean(isFeatureEnabled('TELEMETRY'));
      } catch {
        answer = false;
      } finally {
        isAsking = false;
      }
      return answer;
    },
    /** Whether everything else includes this user. */
    includes(userId: unknown, mayStore: boolean): boolean {
      const own = asksServer ? undefined : featureFlag;
      const isOn = (flag: FeatureFlag | undefined) => isIn(flag, userId, mayStore);
      if (enabled === false || !isOn(own)) return false;
      look();
      return isOn(remote?.features.TELEMETRY);
    },
    /** Whether the config alone leaves everybody out: that is known without a look at the storage. */
    isOffForAll: enabled === false || (!asksServer && isOffForAll(featureFlag)),
    /** Whether the server was asked, if it has to be. */
    isKnown: (): boolean => isKnown,
    /** Asks the server, once, if the config says so. If it does not answer, its last answer counts. */
    async learn(mayStore: boolean): Promise<void> {
      if (hasAsked) return;
      hasAsked = true;
      look();
      const url = () => config.featuresUrl ?? routeBeside(config.endpoint, '/api/features');
      const fresh = await askServer(url, mayStore);
      remote = fresh ?? stored?.remote;
      isKnown = true;
      if (fresh !== undefined && mayStore) remember(app, fresh);
    },
    /** What the wasm goes on from. */
    options: (): object => ({
      ...(asksServer && remote !== undefined ? { remote } : {}),
      ...(bucket === undefined ? {} : { bucket }),
    }),
    /** The rates that the server asks for. */
    rates: (): object => remote?.sampling ?? {},
    /** Writes down what was only known to this page while consent was pending. */
    keep(): void {
      anonymous.keep();
    },
  };
}

function isOffForAll(flag: FeatureFlag | undefined): boolean {
  if (flag === undefined || flag === null) return false;
  const { phase, rollout } = ownOnly(flag);
  return phase === 'DISABLED' || (typeof rollout === 'number' && rollout <= 0);
}

/** The number that decides about people without an id: drawn once, and only where a rollout is partial. */
function createAnonymousBucket() {
  let drawn: number | undefined;
  let isStored = false;
  const keep = () => {
    if (drawn === undefined || isStored) return;
    isStored = true;
    store(KEY, String(drawn));
  };
  return {
    keep,
    read(mayStore: boolean): number {
      if (drawn === undefined) {
        const text = readStored(KEY) ?? '';
        isStored = /^\d{1,4}$/.test(text);
        drawn = isStored ? Number(text) : Math.floor(Math.random() * BUCKETS);
      }
      if (mayStore) keep();
      return drawn;
    },
  };
}

const KEY = 'beaconry:bucket';
