import { explain, warn } from '../explain.js';
import { guard } from '../guard.js';
import { TelemetryClient } from '../TelemetryClient.js';
import type { Config, Consent, Delivery, Receipt, Stats, User } from '../types.js';
import { readEvent } from './readEvent.js';
import type { TelemetryEvent } from './readEvent.js';
import { createSurroundings } from './createSurroundings.js';
import type { Surroundings } from './createSurroundings.js';

/** What a browser's client takes, and where records wait. `endpoint` is an absolute URL. */
export interface NodeConfig extends Config {
  /** The folder where records wait until the server has them; several processes may share it [memory]. */
  readonly spoolDir?: string | undefined;
  /** Milliseconds that the end of the process is put off at most, to send what waits [2000]. */
  readonly exitTimeoutMs?: number | undefined;
}

/**
 * A telemetry client in Node: the same engine as in browsers, with a folder for its spool.
 *
 * ```ts
 * const telemetry = new NodeTelemetryClient({ endpoint: 'https://telemetry.example/api/telemetry/batch', spoolDir: './spool' });
 * telemetry.error(new Error('no connection'), { pool: 'main' });
 * ```
 *
 * No call ever throws, blocks, or returns a promise that rejects. What is wrong with the config is said on the
 * console, and the client is off. A folder that cannot be used is said, too; then records wait in memory.
 */
export class NodeTelemetryClient extends TelemetryClient {
  readonly #surroundings: Surroundings;
  #user: User = {};

  constructor(config?: NodeConfig) {
    const surroundings = createSurroundings();
    super(undefined, undefined, surroundings.load);
    this.#surroundings = surroundings;
    if (config !== undefined) void this.start(config);
  }

  /** Starts the client; a second call changes nothing. */
  override async start(config: NodeConfig): Promise<void> {
    if (this.#surroundings.hasBegun()) return super.start(config);
    const { options, thrown } = read(config);
    const { spoolDir, exitTimeoutMs, ...rest } = options;
    const problem = this.#surroundings.begin({ spoolDir, exitTimeoutMs }, this);
    if (problem !== undefined) warn(problem);
    if (thrown !== undefined) return super.start(throwing(thrown.problem));
    this.#user = rest.user ?? this.#user;
    if (rest.consent === 'denied') this.#surroundings.wipe();
    const mistake = guard(() => findMistake({ ...rest, spoolDir, exitTimeoutMs }), 'an option of the config cannot be read');
    if (mistake === undefined) return super.start(rest);
    explain(mistake);
    // One mistake is said: what else is wrong does not matter to a client that is off.
    return super.start({ endpoint: '/', enabled: false });
  }

  /** Records an event as the server-side helpers of other systems take it; see `logTelemetry`. */
  logTelemetry(event: TelemetryEvent): Receipt {
    const { name, properties, userId } = guard(() => readEvent(event), NO_EVENT);
    if (userId === undefined) return this.event(name as string, properties);
    // One process serves many users: this record is of that one.
    super.setUser({ id: userId });
    const receipt = this.event(name as string, properties);
    super.setUser(this.#user);
    return receipt;
  }

  override setUser(user: User): void {
    this.#user = user ?? {};
    super.setUser(user);
  }

  override setConsent(state: Consent): void {
    super.setConsent(state);
    if (state === 'denied') this.#surroundings.wipe();
  }

  override async shutdown(): Promise<Delivery> {
    const delivery = await super.shutdown();
    this.#surroundings.end();
    return delivery;
  }

  /** The account; `storage` is `folder` or `memory`. */
  override stats(): Stats {
    const stats = super.stats();
    return stats.storage === 'localStorage' ? { ...stats, storage: 'folder' } : stats;
  }
}

/** What is wrong with what only this client knows, with the words of the others. */
function findMistake({ endpoint, spoolDir, exitTimeoutMs }: NodeConfig): string | undefined {
  const isAbsolute = typeof endpoint === 'string' && /^https?:\/\//.test(endpoint);
  if (!isAbsolute) return `config.endpoint takes an absolute URL in Node, got '${String(endpoint).slice(0, 60)}'`;
  const isFolder = spoolDir === undefined || (typeof spoolDir === 'string' && spoolDir !== '');
  if (!isFolder) return `config.spoolDir takes the path of a folder, got '${String(spoolDir).slice(0, 60)}'`;
  const isTime = exitTimeoutMs === undefined || (typeof exitTimeoutMs === 'number' && exitTimeoutMs >= 0);
  return isTime ? undefined : `config.exitTimeoutMs takes milliseconds from 0, got '${String(exitTimeoutMs).slice(0, 60)}'`;
}

/** The options as they are now, or what a getter of the app throws. */
function read(config: NodeConfig): { readonly options: NodeConfig; readonly thrown?: { readonly problem: unknown } } {
  try {
    return { options: { ...(typeof config === 'object' ? config : NO_CONFIG) } };
  } catch (problem) {
    return { options: NO_CONFIG, thrown: { problem } };
  }
}

/** A config that says no more than what was thrown, so that the client is off and says so. */
function throwing(problem: unknown): Config {
  const get = (): never => {
    throw problem;
  };
  return Object.defineProperty({ endpoint: '' }, 'endpoint', { enumerable: true, get });
}

const NO_CONFIG = {} as NodeConfig;

const NO_EVENT: ReturnType<typeof readEvent> = { name: undefined as never, properties: {}, userId: undefined };
