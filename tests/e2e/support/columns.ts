/** Lays out a table for people: words stand left, numbers right. */
export function columns(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ...rows];
  const places = heads.map((_, column) => column);
  const widths = places.map((column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const areNumbers = places.map((column) => rows.every((row) => isNumber(row[column] ?? "")));
  const shown = lines.map((line) =>
    places.map((column) => padded(line[column] ?? "", widths[column] ?? 0, areNumbers[column] ?? false)).join("  "),
  );
  shown.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return shown.map((line) => line.trimEnd()).join("\n");
}

function isNumber(cell: string): boolean {
  return /^[-\d.,]*$/.test(cell);
}

function padded(cell: string, width: number, isNumber: boolean): string {
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}
