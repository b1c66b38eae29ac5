/** Prints the delivery table, and below it what is not as it has to be. */
import { columns } from "../support/columns.ts";
import type { Fault } from "./fault.ts";
import { isGood, type Row } from "./play.ts";

export function deliveryTable(rows: readonly Row[], skipped: readonly Fault[]): string {
  const lines = [...rows.map(cellsOf), ...skipped.map(({ name }) => [name, "", "", "", "", "", "", "", "", "skipped"])];
  const problems = rows.flatMap(({ fault, problem }) => (problem === undefined ? [] : [`${fault.name}: ${problem}`]));
  const gaps = rows.filter((row) => !isGood(row) && row.fault.knownGap !== undefined);
  const known = gaps.map(({ fault }) => `${fault.name}: known: ${fault.knownGap}`);
  return [columns(heads, lines), ...problems, ...known].join("\n");
}

function cellsOf(row: Row): string[] {
  const { fault, judgement, drained } = row;
  if (judgement === undefined) return [fault.name, "", "", "", "", "", "", "", "", "FAILED"];
  const { recorded, arrived, stored, lost, twice, young, named } = judgement;
  const numbers = [recorded, arrived ?? "", stored, lost, twice, young, named].map(String);
  return [fault.name, ...numbers, drained.toFixed(1), isGood(row) ? "" : "RED"];
}

/**
 * `at exit` is what the journal had before a page was opened again; `young` was recorded within the spool delay before
 * a kill and is not there; `named` is what the clients' own ledgers say they discarded; `s` is the time from the end of
 * the fault until everything was there, or it was clear that it does not come.
 */
const heads = ["fault", "recorded", "at exit", "stored", "lost", "twice", "young", "named", "s", ""];
