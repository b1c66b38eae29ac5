/** Prints the account as a table that a person can check by eye. */
import { isExact, type Row } from "./lives.ts";

export function printAccount(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    ...[row.name, row.stream.slice(0, 12)],
    ...[row.recorded, row.stored, row.twice, row.missing].map(String),
    isExact(row) ? "equal" : "DIFFERENT",
  ]);
  const total = ["all pages", "", ...(["recorded", "stored", "twice", "missing"] as const).map((key) => sum(rows, key)), ""];
  const lines = [heads, ...cells, total];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const shown = lines.map((line) => line.map((cell, column) => padded(cell, widths[column] ?? 0, column)).join("  "));
  shown.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  shown.splice(-1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  console.log(`\n${shown.map((line) => line.trimEnd()).join("\n")}\n`);
}

function sum(rows: readonly Row[], key: "recorded" | "stored" | "twice" | "missing"): string {
  return String(rows.reduce((total, row) => total + row[key], 0));
}

/** Words stand left, numbers right. */
function padded(cell: string, width: number, column: number): string {
  return column >= 2 && column <= 5 ? cell.padStart(width) : cell.padEnd(width);
}

const heads = ["page", "stream", "recorded", "stored", "twice", "missing", ""];
