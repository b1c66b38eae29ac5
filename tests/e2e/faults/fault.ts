/** A row of the delivery table: what is done to pages, network, browser and server while records are made. */
import type { EngineName } from "../support/engine.ts";
import type { Scene } from "./scene.ts";

export interface Fault {
  readonly name: string;
  /** Makes the records and the fault; afterwards the scene is drained and judged. */
  readonly run: (scene: Scene) => Promise<void>;
  /** The engines that can do this; all, if it is not said. */
  readonly only?: readonly EngineName[];
  /** Needs pages that go into the back/forward cache. */
  readonly bfcache?: true;
  /**
   * Why it is known that this fails today, and in which engine. It is shown, and does not fail the suite; it does fail
   * the benchmark.
   */
  readonly knownGaps?: Readonly<Partial<Record<EngineName, string>>>;
}

/** The browser did not do what the fault needs, as it may: the fault has not been played. */
export class NotPlayed extends Error {}
