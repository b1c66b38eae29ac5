import { createGuard } from '../guardExports.js';
import type { Instance, Launch, WasmClient } from '../loadWasm.js';
import type { RecordType } from '../makeRecord.js';

type Call = [name: string, ...args: unknown[]];
type Fields = Readonly<Record<string, unknown>>;
type Raw = (...args: unknown[]) => unknown;

/** A wasm that notes every call, and counts. What the real one does is tested in a real browser. */
export function createFakeWasm() {
  const fake = {
    calls: [] as Call[],
    loads: 0,
    /** Instances that were made. */
    launches: 0,
    isEnabled: true,
    /** What is wrong with the options, if anything. */
    failure: '',
    /** Methods that trap, and logs with these messages. */
    traps: new Set<string>(),
    /** What the glue does for a log with this message, before it calls an export. */
    onLog: {} as Record<string, () => void>,
    onLoad: () => undefined as void,
    /** What an instance waits for. */
    onLaunch: async () => undefined as void,
    /** Before an instance is begun. */
    onBegin: () => undefined as void,
    /** Whether the glue throws at every call, before it calls an export. */
    isGlueThrowing: false,
    /** Whether promises stay open. */
    isSilent: false,
    /** Whether promises are rejected. */
    isRefusing: false,
    /** Traps in a closure of the instance that was made last, as at a timer. */
    trapAtEventLoop: (): void => undefined,
    made: (name: string): Call[] => fake.calls.filter(([call]) => call === name),
    async loadWasm(): Promise<Launch> {
      fake.loads += 1;
      fake.onLoad();
      return async (onDeath) => {
        await fake.onLaunch();
        return launch(onDeath);
      };
    },
    reset(): void {
      Object.assign(fake, { calls: [], loads: 0, launches: 0, isEnabled: true, failure: '', traps: new Set(), onLog: {} });
      Object.assign(fake, { onLoad: () => undefined, onLaunch: async () => undefined, onBegin: () => undefined, isSilent: false, isRefusing: false, isGlueThrowing: false });
    },
  };

  function launch(onDeath: (problem: unknown) => void): Instance {
    fake.launches += 1;
    const guard = createGuard(onDeath, (name) => /^(__|wasmclient_)/.test(name));
    const account = { lastSeq: 0, recorded: 0, discarded: {} as Record<string, number>, waiting: 0 };
    const stream = `stream ${fake.launches}`;
    let client: WasmClient | undefined;

    const note = (name: string, body: Raw = () => undefined): Raw => (...args) => {
      if (fake.traps.has(name) || fake.traps.has(args[1] as string)) throw new WebAssembly.RuntimeError('unreachable');
      if (name !== 'stats' && name !== 'closure') fake.calls.push([name, ...args]);
      return body(...args);
    };
    const discarded = (reason: string, count: number) => {
      account.recorded += count;
      account.discarded[reason] = (account.discarded[reason] ?? 0) + count;
    };
    const record = (name: string): [string, Raw] => [
      name,
      () => {
        if (!fake.isEnabled) return discarded('disabled', 1), 0;
        account.recorded += 1;
        account.waiting += 1;
        account.lastSeq += 1;
        return account.lastSeq;
      },
    ];
    const answer = () => {
      if (fake.isRefusing) return Promise.reject(new Error('refused'));
      return fake.isSilent ? new Promise(() => undefined) : Promise.resolve('delivered');
    };
    const methods: [string, Raw?][] = [
      ...['log', 'metric', 'trace', 'vital', 'error', 'event', 'feedback'].map(record),
      ...['setUser', 'setConsent', 'navigated'].map((name): [string] => [name]),
      ...['flush', 'delivered', 'shutdown'].map((name): [string, Raw] => [name, answer]),
      ['setEnabled', (isOn) => void (fake.isEnabled = isOn as boolean)],
      ['isEnabled', () => fake.isEnabled],
      ['getSessionId', () => 'session'],
      ['getBuffer', () => ({ logs: [] })],
      ['discarded', discarded as Raw],
      ['stats', () => ({ stream, enabled: true, ...account, discarded: { ...account.discarded } })],
      ['closure'],
      ['new'],
    ];
    const exports = Object.fromEntries(methods.map(([name, body]) => [`wasmclient_${name}`, note(name, body)]));
    exports['invoke'] = note('closure');
    const guarded = guard.guard(exports as WebAssembly.Exports) as Record<string, Raw>;
    fake.trapAtEventLoop = () => {
      fake.traps.add('closure');
      const ret = guarded['invoke']?.() as readonly unknown[];
      fake.traps.delete('closure');
      // As the glue does for a closure that can return an error.
      if (ret[1]) throw ret[0];
    };

    return {
      begin(options) {
        client = guard.call(() => {
          fake.onBegin();
          if (fake.failure !== '') throw new RangeError(fake.failure);
          guarded['wasmclient_new']?.(options);
          const glue = (name: string): Raw => (...args) => {
            if (fake.isGlueThrowing) throw new TypeError('from the glue');
            if (name === 'log' && typeof args[1] === 'string') fake.onLog[args[1]]?.();
            return guarded[`wasmclient_${name}`]?.(...args);
          };
          const record: WasmClient['record'] = (type, fields, context, at) =>
            glue(type)(...argumentsOf(type, fields as Fields, context), at) as number;
          return { ...Object.fromEntries(methods.map(([name]) => [name, glue(name)])), record } as unknown as WasmClient;
        });
      },
      call: (question) => guard.call(() => question(client as WasmClient)),
      isDead: guard.isDead,
    };
  }

  return fake;
}

/** What is noted of a record: its fields in the order in which the app gives them. */
function argumentsOf(type: RecordType, fields: Fields, context: unknown): unknown[] {
  switch (type) {
    case 'log':
      return [fields['level'], fields['message'], context];
    case 'metric':
      return [fields['name'], fields['value'], context];
    case 'trace':
      return [fields['name'], fields['duration'], fields, context];
    case 'vital':
      return [fields];
    case 'error':
      return [fields['thrown'], Boolean(fields['handled']), context];
    case 'event':
      return [fields['name'], context];
    case 'feedback':
      return [fields, context];
  }
}
