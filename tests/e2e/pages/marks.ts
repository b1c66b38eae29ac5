/** Records that can be told apart: a number in their context, and a text of the length that app logs have. */
import { telemetry } from "beaconry";

/** About 1 kB, or about 150 bytes of it. */
export type Size = "usual" | "short";

/** Makes the record of a mark, of each type in turn. When it was made. */
export function recordMark(mark: number, size: Size = "usual"): number {
  const text = textOf(mark, size === "short" ? 1 : sentencesOfUsual);
  const kind = mark % 4;
  if (kind === 0) telemetry.log("info", text, { mark, step: "checkout" });
  else if (kind === 1) telemetry.metric("cart_value", mark / 8, { mark, note: text });
  else if (kind === 2) telemetry.trace("load_catalogue", mark % 900, { mark, note: text });
  else telemetry.error(new Error(text), { mark });
  return Date.now();
}

/** Sentences of an app's log, with other words and numbers for each mark, so that no two are alike. */
function textOf(mark: number, sentences: number): string {
  return Array.from({ length: sentences }, (_, index) => sentenceOf(mark * sentences + index)).join(" ");
}

function sentenceOf(place: number): string {
  const number = (place * 2_654_435_761) % 1_000_003;
  const one = (words: readonly string[], step: number): string => words[Math.floor(number / step) % words.length] ?? "";
  return `${one(subjects, 1)} ${one(verbs, 7)} ${one(objects, 53)} ${number} after ${number % 4_999} ms.`;
}

const sentencesOfUsual = 16;
const subjects = ["The cart", "Worker", "The catalogue", "Session", "Größenwahl", "Route /shop", "Upload", "The player"];
const verbs = ["has loaded", "gave up", "was answered with", "waits for", "replaced", "saw", "cached"];
const objects = ["item", "price list", "request", "page", "voucher", "frame", "translation", "image", "token bucket"];
