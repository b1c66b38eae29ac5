/** What is done when the process goes. */
export interface Farewell {
  /** Writes what waits, at once. */
  write(): void;
  /** Sends what waits, as long as that may take. */
  send(): Promise<void>;
  /** The last moment: nothing goes on after it. */
  end(): void;
}

/**
 * Listens to the end of the process; gives back what stops listening.
 *
 * A signal that nobody else listens to ends the process as it would without us, once what waits was written and
 * sent. Where somebody else listens, they decide.
 */
export function watchProcess(farewell: Farewell): () => void {
  const onBeforeExit = () => void farewell.send();
  const onExit = () => farewell.end();
  const onSignal = async (signal: NodeJS.Signals) => {
    farewell.write();
    const isOurs = process.listenerCount(signal) === 1;
    await farewell.send();
    if (!isOurs) return;
    stop();
    // A process that a signal ends has no other last moment.
    farewell.end();
    process.kill(process.pid, signal);
  };

  function stop(): void {
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }

  process.on('beforeExit', onBeforeExit);
  process.on('exit', onExit);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return stop;
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
