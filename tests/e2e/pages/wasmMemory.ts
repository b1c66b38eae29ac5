/** Keeps an eye on the memory of wasm modules, which no browser counts as part of the heap. Holds none of it. */

export interface WasmMemoryWindow {
  /** Bytes of all memories that are still there. */
  wasmMemory: () => number;
}

export function watchWasmMemory(): void {
  const memories: WeakRef<WebAssembly.Memory>[] = [];
  const note = ({ exports }: WebAssembly.Instance): void => {
    const found = Object.values(exports).filter((exported) => exported instanceof WebAssembly.Memory);
    memories.push(...found.map((memory) => new WeakRef(memory)));
  };
  for (const name of ["instantiate", "instantiateStreaming"] as const) {
    const original = WebAssembly[name].bind(WebAssembly) as (...args: readonly unknown[]) => Promise<Made>;
    const watched = async (...args: readonly unknown[]): Promise<Made> => {
      const made = await original(...args);
      note("instance" in made ? made.instance : made);
      return made;
    };
    Object.assign(WebAssembly, { [name]: watched });
  }
  const wasmMemory = (): number => memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
  Object.assign(globalThis, { wasmMemory } satisfies WasmMemoryWindow);
}

type Made = WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource;
