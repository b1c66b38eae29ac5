/** The rows of the delivery table, in the order in which it is printed. */
import { answers } from "./answers.ts";
import { exits } from "./exits.ts";
import type { Fault } from "./fault.ts";
import { kills } from "./kills.ts";
import { strangers } from "./strangers.ts";

export const faults: readonly Fault[] = [...exits, ...kills, ...answers, ...strangers];
