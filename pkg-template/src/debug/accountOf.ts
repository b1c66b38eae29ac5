import type { Stats } from '../types.js';

export interface Account {
  readonly rows: readonly (readonly [name: string, count: number])[];
  /** Whether what came in is what is somewhere. */
  readonly isExact: boolean;
}

/** The two sides of the ledger: what came in, and where it is. */
export function accountOf(stats: Stats): Account {
  const discarded = Object.values(stats.discarded).reduce((sum, count) => sum + count, 0);
  const { recorded, adopted, acknowledged, waiting, inFlight, handedOver, abandoned } = stats;
  const isExact =
    recorded + adopted === acknowledged + discarded + waiting + inFlight + handedOver + abandoned;
  const rows = [
    ['recorded', recorded],
    ['adopted', adopted],
    ['acknowledged', acknowledged],
    ['discarded', discarded],
    ['waiting', waiting],
    ['in flight', inFlight],
    ['handed over', handedOver],
    ['abandoned', abandoned],
  ] as const;
  return { rows, isExact };
}
