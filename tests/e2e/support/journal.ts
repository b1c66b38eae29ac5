/** Reads what the server has stored out of its journal: the lines themselves, before anything drops a second copy. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { StoredRecord } from "./events.ts";

/** A line of the journal. */
export interface JournalRecord extends StoredRecord {
  readonly n: number;
}

/**
 * Every line of a stream, copies included, in the order of the journal. While the server writes, the very last line
 * may be incomplete: it is not stored yet. Any other line that is not whole is an error.
 */
export async function journalRecords(data: string, stream: string): Promise<JournalRecord[]> {
  const records = (await journalLines(data)).map((line) => JSON.parse(line) as JournalRecord);
  return records.filter((record) => record.stream === stream);
}

/** The files of the journal, oldest first. */
export async function segmentPaths(data: string): Promise<string[]> {
  const folder = join(data, "journal");
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension));
  const stems = names.map((name) => name.slice(0, -extension.length)).sort();
  return stems.map((stem) => join(folder, stem + extension));
}

/** A line as the server writes it, from what its checksum covers: `{"n":…`, without the end. */
export function sealed(covered: string): string {
  return `${covered},"crc":"${crc32(covered).toString(16).padStart(8, "0")}"}`;
}

/** What the checksum of a line covers; an error when it does not hold. */
export function unsealed(line: string): string {
  const covered = line.slice(0, -sealLength);
  if (sealed(covered) !== line) throw new Error(`a line of the journal is damaged: ${line}`);
  return covered;
}

/** Every line of every stream, copies included. */
export async function journalLines(data: string): Promise<string[]> {
  const texts = await Promise.all((await segmentPaths(data)).map((path) => readFile(path, "utf8")));
  return texts.flatMap((text, index) => {
    const lines = text.split("\n");
    const incomplete = lines.pop() ?? "";
    if (incomplete !== "" && index < texts.length - 1) lines.push(incomplete);
    lines.forEach(unsealed);
    return lines;
  });
}

const extension = ".jsonl";
const sealLength = `,"crc":"01234567"}`.length;
