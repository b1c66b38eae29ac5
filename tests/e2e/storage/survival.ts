/** What became of values, as a table: by store, by how old they were when the browser was killed. */

export interface Fate {
  readonly store: string;
  readonly pattern: string;
  /** Milliseconds from written to killed. */
  readonly age: number;
  readonly survived: boolean;
}

export function printSurvival(engine: string, fates: readonly Fate[]): void {
  const rows = groups(fates).map(([name, group]) => [name, ...limits.map((_, index) => cell(group, index)), oldestLost(group)]);
  const heads = [engine, ...limits.map(head), "oldest lost"];
  const lines = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const padded = (line: readonly string[]) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)));
  console.log(`\n${lines.map((line) => padded(line).join("  ")).join("\n")}\n`);
}

function groups(fates: readonly Fate[]): [string, Fate[]][] {
  const names = new Set(fates.map(nameOf));
  return [...names].sort().map((name) => [name, fates.filter((fate) => nameOf(fate) === name)]);
}

const nameOf = ({ store, pattern }: Fate): string => `${store}, ${pattern}`;

/** Survived of all, for the ages from the limit before to this one. */
function cell(fates: readonly Fate[], index: number): string {
  const [from, to] = [limits[index - 1] ?? 0, limits[index] ?? Infinity];
  const group = fates.filter(({ age }) => age >= from && age < to);
  return group.length === 0 ? "" : `${group.filter(({ survived }) => survived).length}/${group.length}`;
}

function head(limit: number): string {
  return limit === Infinity ? "older" : `<${limit / 1_000} s`;
}

function oldestLost(fates: readonly Fate[]): string {
  const ages = fates.filter(({ survived }) => !survived).map(({ age }) => age);
  return ages.length === 0 ? "none" : `${(Math.max(...ages) / 1_000).toFixed(1)} s`;
}

const limits = [100, 500, 1_000, 2_000, 4_000, 6_000, 10_000, 30_000, 65_000, Infinity] as const;
