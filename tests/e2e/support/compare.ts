/** Compares what a page says of itself, what was done in it, and what is stored of it. Knows no browser, no files. */
import type { StoredRecord } from "./events.ts";

/** The part of the client's own count that is compared. */
export interface Stats {
  readonly stream: string;
  /** The place of the last record that got one. */
  readonly lastSeq: number;
  /** Records that the server has confirmed, those of earlier pages that this one delivered included. */
  readonly acknowledged: number;
  /** Records of earlier pages that this one took over. */
  readonly adopted: number;
  readonly discarded: Readonly<Record<string, number>>;
}

/** How many records of each known kind the driver has caused, 0 included; kinds are named as by `kindOf`. */
export type Made = Readonly<Record<string, number>>;

/** One page life: from load to close. */
export interface Life {
  readonly name: string;
  readonly made: Made;
  stats: Stats;
}

/** What is stored of a life: every line of the journal, and what the query route shows. */
export interface Stored {
  readonly journal: readonly StoredRecord[];
  readonly shown: readonly StoredRecord[];
}

export interface Row {
  readonly name: string;
  readonly stream: string;
  /** Places that the client gave. */
  readonly recorded: number;
  /** Lines of the journal. */
  readonly stored: number;
  /** Lines of the journal that another one of the same record or place came before. */
  readonly twice: number;
  /** Places without a line. */
  readonly missing: number;
  /** Records that the driver caused and knows by name; the client has no say in this number. */
  readonly clicks: number;
  /** Everything that is not as it has to be. */
  readonly problems: readonly string[];
}

/** Sets one life beside what is stored of it. */
export function compare({ name, made, stats }: Life, { journal, shown }: Stored): Row {
  const places = new Set(journal.map((record) => record.seq));
  const counts = {
    recorded: stats.lastSeq,
    stored: journal.length,
    twice: journal.length - Math.min(idsOf(journal).size, places.size),
    missing: sequence(stats.lastSeq).filter((seq) => !places.has(seq)).length,
  };
  const problems = [
    ...countProblems(counts),
    ...statsProblems(stats, idsOf(journal).size),
    ...queryProblems(idsOf(journal), shown),
    ...clickProblems(made, journal),
  ];
  return { name, stream: stats.stream, ...counts, clicks: sum(Object.values(made)), problems };
}

/** Everything is there, once, and nothing that was not recorded. */
export function isExact(row: Row): boolean {
  return row.problems.length === 0;
}

/** The kind of a record, for people: its type, and the words by which the app's source can be searched. */
export function kindOf({ type, name, errorType, message }: StoredRecord): string {
  return `${type} ${name ?? errorType ?? message ?? ""}`;
}

function countProblems({ recorded, stored, twice, missing }: Pick<Row, "recorded" | "stored" | "twice" | "missing">) {
  return [
    ...when(recorded === 0, "the page recorded nothing"),
    ...when(stored !== recorded, `${recorded} recorded, ${stored} in the journal`),
    ...when(twice > 0, `${twice} in the journal more than once`),
    ...when(missing > 0, `${missing} not in the journal`),
  ];
}

/** What is confirmed has to be stored; and in these scenarios nothing has to be given up. */
function statsProblems({ acknowledged, adopted, discarded }: Stats, stored: number): string[] {
  // Records of earlier pages are stored in other streams: so many of the confirmed ones are not this page's own.
  const own = acknowledged - adopted;
  return [
    ...when(own > stored, `${own} acknowledged, ${stored} in the journal`),
    ...Object.entries(discarded).map(([reason, count]) => `the client discarded ${count}: ${reason}`),
  ];
}

/** The query route shows the same records, each once. */
function queryProblems(stored: ReadonlySet<string>, shown: readonly StoredRecord[]): string[] {
  const found = idsOf(shown);
  const same = found.size === stored.size && [...found].every((id) => stored.has(id));
  return [
    ...when(!same, `/api/events shows ${found.size} of ${stored.size} stored records, or others`),
    ...when(found.size < shown.length, `/api/events shows ${shown.length - found.size} more than once`),
  ];
}

/** The client's numbers do not know of a call that was lost before it got its place; whoever clicked does. */
function clickProblems(made: Made, journal: readonly StoredRecord[]): string[] {
  const once = new Map(journal.map((record) => [record.id, record]));
  const storedKinds = [...once.values()].map(kindOf);
  return Object.entries(made).flatMap(([kind, count]) => {
    const stored = storedKinds.filter((storedKind) => storedKind === kind).length;
    return when(stored !== count, `\`${kind}\`: ${count} by clicks, ${stored} in the journal`);
  });
}

function when(isSo: boolean, problem: string): string[] {
  return isSo ? [problem] : [];
}

function idsOf(records: readonly StoredRecord[]): Set<string> {
  return new Set(records.map((record) => record.id));
}

function sequence(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
