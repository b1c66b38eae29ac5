import { guard } from '../guard.js';

/** What is done when the process goes. */
export interface Farewell {
  /** Writes what waits, at once. */
  write(): void;
  /** Sends what waits, as long as that may take. */
  send(): Promise<void>;
  /** The last moment: nothing goes on after it. */
  end(): void;
}

/** The listeners of this process, and for whom they listen. */
interface Watch {
  readonly farewells: Set<Farewell>;
  stop(): void;
}

/**
 * Listens to the end of the process; gives back what stops listening.
 *
 * A signal that nobody else listens to ends the process as it would without us, once what waits was written and
 * sent. Where somebody else listens, they decide. All clients of a process, of several copies of this package,
 * too, have one listener for each: they would take one another for somebody else.
 */
export function watchProcess(farewell: Farewell): () => void {
  const watch = (shared[WATCH] ??= startWatch());
  watch.farewells.add(farewell);
  return () => {
    watch.farewells.delete(farewell);
    if (watch.farewells.size === 0) watch.stop();
  };
}

function startWatch(): Watch {
  const farewells = new Set<Farewell>();
  const each = (act: (farewell: Farewell) => void) => farewells.forEach((farewell) => guard(() => act(farewell), undefined));
  const sendAll = () => Promise.allSettled([...farewells].map(async (farewell) => farewell.send()));
  const onBeforeExit = () => void sendAll();
  const onExit = () => each((farewell) => farewell.end());
  const onSignal = async (signal: NodeJS.Signals) => {
    each((farewell) => farewell.write());
    const isOurs = process.listenerCount(signal) === 1;
    await sendAll();
    if (!isOurs) return;
    watch.stop();
    // A process that a signal ends has no other last moment.
    onExit();
    process.kill(process.pid, signal);
  };

  const watch: Watch = {
    farewells,
    stop() {
      if (shared[WATCH] === watch) delete shared[WATCH];
      process.off('beforeExit', onBeforeExit);
      process.off('exit', onExit);
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return watch;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const WATCH: unique symbol = Symbol.for('beaconry.process');
const shared = globalThis as { [WATCH]?: Watch };
