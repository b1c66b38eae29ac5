/** The delivery table in full: every fault, 200 records, outages of 20 s. */
import { faults } from "../faults/all.ts";
import { canPlay, isGood, playAll } from "../faults/play.ts";
import { createSetting } from "../faults/setting.ts";
import { deliveryTable } from "../faults/table.ts";
import type { EngineName } from "../support/engine.ts";

/** Prints the table. Whether nothing was lost and nothing is stored twice. */
export async function measureDelivery(engine: EngineName, only: string | undefined): Promise<boolean> {
  const wanted = faults.filter(({ name }) => only === undefined || name.includes(only));
  const playable = wanted.filter((fault) => canPlay(fault, engine));
  const setting = await createSetting(engine, { count: 200, outage: 20_000, patience: 90_000 });
  try {
    const rows = await playAll(playable, setting, atOnce, (row) => {
      console.log(`- ${row.fault.name}: ${isGood(row) ? "delivered" : "NOT DELIVERED"}`);
    });
    const skipped = wanted.filter((fault) => !playable.includes(fault));
    console.log(`\n${deliveryTable(rows, skipped, engine)}\n`);
    return rows.every(isGood);
  } finally {
    await setting.close();
  }
}

/** Scenes wait for most of their time; more at once would make a small machine late for its own timers. */
const atOnce = 3;
