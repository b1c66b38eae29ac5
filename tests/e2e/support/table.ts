/** Prints the account as a table that a person can check by eye, and below it what is not as it has to be. */
import { isExact, type Row } from "./compare.ts";

export function printAccount(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    ...[row.name, row.stream.slice(0, 12)],
    ...columns.map((column) => String(row[column])),
    isExact(row) ? "equal" : "DIFFERENT",
  ]);
  const total = ["all pages", "", ...columns.map((column) => sum(rows, column)), ""];
  const lines = [heads, ...cells, total];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const shown = lines.map((line) => line.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join("  "));
  shown.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  shown.splice(-1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  console.log(`\n${shown.map((line) => line.trimEnd()).join("\n")}\n`);
  for (const row of rows) row.problems.forEach((problem) => console.log(`${row.name}: ${problem}`));
}

function sum(rows: readonly Row[], column: (typeof columns)[number]): string {
  return String(rows.reduce((total, row) => total + row[column], 0));
}

/** Words stand left, numbers right. */
function padded(cell: string, width: number, column: number): string {
  const isNumber = column >= 2 && column < 2 + columns.length;
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

const columns = ["clicks", "recorded", "stored", "twice", "missing"] as const;
const heads = ["page", "stream", ...columns, ""];
