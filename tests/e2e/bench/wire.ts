/** Bytes of bodies on the wire, counted where they arrive. */
import type { RecorderWindow } from "../pages/recorder.ts";
import type { Bed } from "./bed.ts";

/** Bytes a log, of 1,000 that are alike but for a number, made in one task. */
export async function measureWire(bed: Bed): Promise<number> {
  const { page, close } = await bed.open();
  const before = bed.proxy.sent().bytes;
  await page.evaluate(async (logs) => {
    const { measure } = (globalThis as unknown as RecorderWindow).recorder;
    await measure.inBursts("log", 1, logs, 0);
    await measure.drained();
  }, logs);
  await close();
  return (bed.proxy.sent().bytes - before) / logs;
}

const logs = 1_000;
