/** Sets the marks that were recorded beside those in the journal. Knows no browser, no files. */

/** What was done, and what the clients say of it. */
export interface Account {
  /** When each mark was recorded, in epoch milliseconds. */
  readonly made: ReadonlyMap<number, number>;
  /** How often each mark is in the journal. */
  readonly copies: ReadonlyMap<number, number>;
  /** How many marks were in the journal before a page was opened again, where one was. */
  readonly arrived?: number | undefined;
  /** When a page or the browser was killed. */
  readonly killedAt?: number | undefined;
  readonly spoolDelayMs: number;
  /** Records that the clients' own ledgers name as discarded. */
  readonly named: number;
}

export interface Judgement {
  readonly recorded: number;
  readonly stored: number;
  readonly arrived?: number | undefined;
  /** Marks that are nowhere, though they were older than the spool delay at a kill, and that no ledger names. */
  readonly lost: number;
  /** Marks that are nowhere and were younger. */
  readonly young: number;
  readonly named: number;
  /** Marks that are in the journal more than once. */
  readonly twice: number;
}

export function judge({ made, copies, arrived, killedAt, spoolDelayMs, named }: Account): Judgement {
  const missing = [...made].filter(([mark]) => !copies.has(mark));
  const young = missing.filter(([, when]) => killedAt !== undefined && when > killedAt - spoolDelayMs);
  return {
    recorded: made.size,
    stored: made.size - missing.length,
    arrived,
    lost: Math.max(0, missing.length - young.length - named),
    young: young.length,
    named,
    twice: [...copies.values()].filter((count) => count > 1).length,
  };
}

export function isDelivered({ lost, twice }: Judgement): boolean {
  return lost === 0 && twice === 0;
}
