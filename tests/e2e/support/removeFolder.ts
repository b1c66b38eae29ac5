/** Removes a folder that others may still write to for a moment: not all of a browser ends with the browser. */
import { rm } from "node:fs/promises";

export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
