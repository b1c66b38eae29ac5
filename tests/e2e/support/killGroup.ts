/** Ends a whole browser. Each is started as the leader of a process group, so one signal reaches all of it. */
import { until } from "./until.ts";

/** SIGKILL to the group of this process; resolves when the leader is gone. */
export async function killGroup(leader: number): Promise<void> {
  signal(-leader, "SIGKILL");
  if (!(await until(async () => !signal(leader, 0), patience))) throw new Error(`process ${leader} does not end`);
}

/** Whatever ends this process, the group does not outlive it. The answer ends the group now. */
export function endWithUs(leader: number): () => Promise<void> {
  const end = (): void => void signal(-leader, "SIGKILL");
  process.once("exit", end);
  return async () => {
    await killGroup(leader);
    process.off("exit", end);
  };
}

/** False when there is no such process any more. */
function signal(receiver: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(receiver, name);
  } catch {
    return false;
  }
}

const patience = 10_000;
