/** Memory that a page with the client holds when nothing gets out, and what is left of it after the client's end. */
import { pass, refuse } from "../faults/proxy.ts";
import type { RecorderWindow } from "../pages/recorder.ts";
import type { WasmMemoryWindow } from "../pages/wasmMemory.ts";
import type { Bed, BedPage } from "./bed.ts";

/** In bytes, after a collection. */
export interface Memory {
  /** The heap of JavaScript, and what the browser holds for it. */
  readonly heap: number;
  readonly wasm: number;
}

export interface Heap {
  readonly started: Memory;
  readonly full: Memory;
  readonly ended: Memory;
}

export async function measureHeap(bed: Bed): Promise<Heap> {
  const bedPage = await bed.open();
  const { page, close } = bedPage;
  const started = await memoryOf(bedPage);
  bed.proxy.behave(refuse);
  await page.evaluate(
    ([bursts, size]) => (globalThis as unknown as RecorderWindow).recorder.measure.inBursts("log", bursts, size, 0),
    [100, 1_000] as const,
  );
  const full = await memoryOf(bedPage);
  bed.proxy.behave(pass);
  await page.evaluate(async () => {
    const { recorder } = globalThis as unknown as RecorderWindow;
    await recorder.measure.drained();
    await recorder.shutdown();
  });
  const ended = await memoryOf(bedPage);
  await close();
  return { started, full, ended };
}

async function memoryOf({ page, devtools }: BedPage): Promise<Memory> {
  await devtools.send("HeapProfiler.collectGarbage");
  const usage = (await devtools.send("Runtime.getHeapUsage")) as Usage;
  const heap = usage.usedSize + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0);
  return { heap, wasm: await page.evaluate(() => (globalThis as unknown as WasmMemoryWindow).wasmMemory()) };
}

interface Usage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number;
}
