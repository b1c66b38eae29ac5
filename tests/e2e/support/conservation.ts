/** What the server says became of every record, and whether its sums hold. */
import { until } from "./until.ts";

interface KeyAccount {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly putOff: Readonly<Record<string, number>>;
}

interface Conservation {
  readonly keys: Readonly<Record<string, KeyAccount>>;
  readonly streams: Readonly<Record<"highest" | "stored" | "reported" | "missing", number>>;
}

/** Waits until no record is under way, and throws if one is unaccounted for. */
export async function untilConserved(server: string): Promise<void> {
  let wrong: string | undefined;
  const isConserved = await until(async () => {
    wrong = wrongSum(await conservation(server));
    return wrong === undefined;
  }, limit);
  if (!isConserved) throw new Error(`the server's account does not add up: ${wrong}`);
}

async function conservation(server: string): Promise<Conservation> {
  const response = await fetch(`${server}/api/health/extended`);
  const health = (await response.json()) as { readonly conservation: Conservation };
  return health.conservation;
}

function wrongSum({ keys, streams }: Conservation): string | undefined {
  const key = Object.values(keys).find(
    ({ received, stored, duplicate, rejected, putOff }) => received !== stored + duplicate + sum(rejected) + sum(putOff),
  );
  if (key !== undefined) return JSON.stringify(key);
  const { highest, stored, reported, missing } = streams;
  return highest === stored + reported + missing ? undefined : JSON.stringify(streams);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

const limit = 30_000;
