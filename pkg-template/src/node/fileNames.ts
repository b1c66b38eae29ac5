/** The file for a key of storage, or for a lock: keys have colons, which not every system takes in names. */
export function fileNameOf(name: string, ending: string): string {
  return encodeURIComponent(name) + ending;
}

/** The names whose files these are. Files of others, which may stand in the same folder, are none of ours. */
export function namesIn(files: readonly string[], ending: string): readonly string[] {
  const ours = files.filter((file) => file.startsWith(OURS) && file.endsWith(ending));
  return ours.map((file) => decoded(file.slice(0, -ending.length))).filter((name) => name !== undefined);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `beaconry:`, with which all names begin. */
const OURS = 'beaconry%3A';
