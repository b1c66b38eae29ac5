import { createGlue, forGlue } from '../wasm/beaconry.js';
import { bindClient } from './bindClient.js';
import type { WasmClient } from './bindClient.js';
import { flatOptions } from './flat.js';
import { createGuard } from './guardExports.js';

export type { WasmClient };

/** One instance of the wasm, with a memory and a glue of its own. */
export interface Instance {
  /** Starts its client, with options that were checked. */
  begin(options: object): void;
  /** Asks its client. Throws if the instance breaks in it, or is dead already. */
  call<T>(question: (client: WasmClient) => T): T;
  isDead(): boolean;
}

/** Makes an instance; `onDeath` is called once, with what broke it. */
export type Launch = (onDeath: (problem: unknown) => void) => Promise<Instance>;

/** Makes instances of a compiled wasm. `scope` stands for the global scope where there is no page. */
export function createLaunch(module: WebAssembly.Module, scope?: object): Launch {
  return async (onDeath) => {
    const glue = createGlue(scope);
    const guard = createGuard(
      (problem) => {
        try {
          glue.end();
        } finally {
          onDeath(problem);
        }
      },
      (name) => forGlue.includes(name),
    );
    // Not by `new WebAssembly.Instance`, which older Chromes refuse on the main thread beyond 4 KiB.
    const { exports } = await WebAssembly.instantiate(module, glue.imports());
    let client: WasmClient | undefined;
    return {
      begin(options) {
        client = guard.call(() => {
          glue.begin({ exports: guard.guard(exports) }, module);
          return bindClient(glue, glue.start(...flatOptions(options)));
        });
      },
      call: (question) => guard.call(() => question(client as WasmClient)),
      isDead: guard.isDead,
    };
  };
}
