/**
 * How long after a write the value is still there when the whole browser is killed at once. A store says "written"
 * when the page may go on, and a browser may write to its files later. Not measured is a power cut: what the
 * browser has handed to the system outlives its death, whether or not it is on the disk.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineName } from "../support/engine.ts";
import { removeFolder } from "../support/removeFolder.ts";
import { pause } from "../support/until.ts";
import { listen, type Listener } from "./listener.ts";
import { show } from "./show.ts";
import { printSurvival, type Fate } from "./survival.ts";

const engine = process.argv[2] as EngineName;
const rounds = Number(process.argv[3]);

async function main(): Promise<void> {
  const listener = await listen();
  const fates: Fate[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const age of ages) fates.push(...(await killed(listener, "once", age)));
    for (const age of steadyFor) fates.push(...(await killed(listener, `steadily-${every}`, age)));
    console.log(`- ${engine}: round ${round} of ${rounds}`);
  }
  listener.close();
  printSurvival(engine, fates);
}

/** Lets a page write, kills its browser so long after the first value was in, and looks what is there. */
async function killed(listener: Listener, how: string, milliseconds: number): Promise<Fate[]> {
  const profile = await mkdtemp(join(tmpdir(), "beaconry-storage-"));
  listener.takeWritten();
  const kill = await show(engine, profile, `${listener.url}#${how}`);
  await listener.untilWritten(stores);
  await pause(milliseconds);
  const at = Date.now();
  await kill();
  const written = listener.takeWritten();
  const end = await show(engine, profile, `${listener.url}#read`);
  const found = await listener.untilFound();
  await end();
  await removeFolder(profile);
  return written.map(({ store, n, at: writtenAt }) => ({
    store,
    pattern: how.startsWith("once") ? "one write" : "steady writes",
    age: at - writtenAt,
    survived: found[store]?.includes(n) ?? false,
  }));
}

const stores = 3;
/** Around where Chromium is said to write localStorage, five seconds after the first change. */
const ages = [0, 250, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000];
const every = 250;
/** Shortly before the minutes at which Chromium writes what changes all the time. */
const steadyFor = [55_000, 110_000];

await main();
