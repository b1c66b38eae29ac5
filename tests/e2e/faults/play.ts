/** Plays faults, each in a world of its own, a few at a time: most of the time they wait. */
import { untilConserved } from "../support/conservation.ts";
import type { EngineName } from "../support/engine.ts";
import { NotPlayed, type Fault } from "./fault.ts";
import { isDelivered, type Judgement } from "./judge.ts";
import { createScene, type SceneOptions, type Setting } from "./scene.ts";

export interface Row {
  readonly fault: Fault;
  /** What is in the journal; nothing if the fault could not be played to its end. */
  readonly judgement?: Judgement;
  readonly problem?: string;
  /** How long records took to be there, or not, after the fault, in seconds. */
  readonly drained: number;
}

export function isGood({ judgement, problem }: Row): boolean {
  return problem === undefined && judgement !== undefined && isDelivered(judgement);
}

/** Plays a fault. Browsers promise little, such as to keep a page: what was not the fault is played again, twice. */
export async function play(fault: Fault, setting: Setting, options: SceneOptions = {}): Promise<Row> {
  for (let retries = 2; ; retries -= 1) {
    const { row, isPlayed } = await tryToPlay(fault, setting, options);
    if (isPlayed || retries === 0) return row;
  }
}

async function tryToPlay(fault: Fault, setting: Setting, options: SceneOptions): Promise<{ row: Row; isPlayed: boolean }> {
  const scene = await createScene(setting, { ...options, bfcache: fault.bfcache ?? false });
  try {
    const error: unknown = await fault.run(scene).then(() => undefined, (error: unknown) => error);
    const start = performance.now();
    await scene.drain();
    const drained = (performance.now() - start) / 1_000;
    await untilConserved(scene.server.url);
    const problem = error === undefined ? {} : { problem: problemOf(error) };
    const row = { fault, judgement: await scene.judgement(), drained, ...problem };
    return { row, isPlayed: !(error instanceof NotPlayed) };
  } catch (error) {
    return { row: { fault, problem: problemOf(error), drained: 0 }, isPlayed: true };
  } finally {
    await scene.close();
  }
}

/** Plays all of them, `atOnce` at a time; rows come in the order of the faults. */
export async function playAll(
  faults: readonly Fault[],
  setting: Setting,
  atOnce: number,
  onRow: (row: Row) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  const waiting = [...faults.entries()];
  async function playNext(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, fault] = next;
      const row = await play(fault, setting);
      rows[place] = row;
      onRow(row);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, playNext));
  return rows;
}

export function canPlay({ only }: Fault, engine: EngineName): boolean {
  return only?.includes(engine) ?? true;
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
