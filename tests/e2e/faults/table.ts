/** Prints the delivery table, and below it what is not as it has to be. */
import { columns } from "../support/columns.ts";
import type { EngineName } from "../support/engine.ts";
import type { Fault } from "./fault.ts";
import { isGood, type Row } from "./play.ts";

export function deliveryTable(rows: readonly Row[], skipped: readonly Fault[], engine: EngineName): string {
  const lines = [...rows.map(cellsOf), ...skipped.map(({ name }) => [name, ...noNumbers, "skipped"])];
  const problems = rows.flatMap(({ fault, problem }) => (problem === undefined ? [] : [`${fault.name}: ${problem}`]));
  const bad = rows.filter((row) => !isGood(row));
  const gaps = bad.flatMap(({ fault: { name, knownGaps } }) => {
    const reason = knownGaps?.[engine];
    return reason === undefined ? [] : [`${name}: known: ${reason}`];
  });
  return [columns(heads, lines), ...problems, ...gaps].join("\n");
}

function cellsOf(row: Row): string[] {
  const { fault, judgement, drained } = row;
  if (judgement === undefined) return [fault.name, ...noNumbers, "FAILED"];
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
const noNumbers = heads.slice(1, -1).map(() => "");
