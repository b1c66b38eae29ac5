/** Main-thread CPU of a record from the call until it is acknowledged, so that nothing hides in a later task. */
import type { CDPSession } from "playwright-core";
import type { Measured } from "../pages/measure.ts";
import type { RecorderWindow } from "../pages/recorder.ts";
import type { Bed } from "./bed.ts";
import { median } from "./numbers.ts";

/** Microseconds a record, less what an idle page takes in the same time; the median of some tries. */
export async function measureMainThread(bed: Bed, what: Measured): Promise<number> {
  const { page, devtools, close } = await bed.open();
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });

  async function busy(bursts: number): Promise<void> {
    await page.evaluate(
      async ([what, bursts, size, pause]) => {
        const { measure } = (globalThis as unknown as RecorderWindow).recorder;
        await measure.inBursts(what, bursts, size, pause);
        await measure.drained();
      },
      [what, bursts, burstSize, burstPause] as const,
    );
  }

  await busy(10);
  const tries: number[] = [];
  for (let count = 0; count < howOften; count += 1) {
    const start = performance.now();
    const spent = await spentDuring(devtools, () => busy(bursts));
    const length = performance.now() - start;
    const idle = await spentDuring(devtools, () => page.waitForTimeout(length));
    tries.push(((spent - idle) * 1e6) / (bursts * burstSize));
  }
  await close();
  return median(tries);
}

/** Seconds of CPU that the page's main thread took. */
async function spentDuring(devtools: CDPSession, act: () => Promise<void>): Promise<number> {
  const before = await threadTime(devtools);
  await act();
  return (await threadTime(devtools)) - before;
}

async function threadTime(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send("Performance.getMetrics");
  const time = metrics.find(({ name }) => name === "ThreadTime");
  if (time === undefined) throw new Error("this browser does not tell the CPU time of a page's main thread");
  return time.value;
}

const howOften = 3;
const bursts = 100;
const burstSize = 100;
const burstPause = 50;
