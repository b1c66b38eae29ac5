import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** This process, told apart from another one that gets its number later: machine, number, and when it began. */
export function ownIdentity(): string {
  return [hostname(), process.pid, startOf(process.pid)].join(' ');
}

/**
 * Whether the process of an identity is there. One of another machine or container cannot be seen from here, and
 * counts as gone: what it left is sent, twice if need be, since the server keeps one copy.
 */
export function isAlive(identity: string): boolean {
  const [host, pid, start] = identity.split(' ');
  if (host !== hostname()) return false;
  return Number(pid) > 0 && exists(Number(pid)) && startOf(Number(pid)) === start;
}

/** Whether a process of this number is there, whoever it is. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (problem) {
    // Somebody else's process is one, too.
    return (problem as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, where the system says so in a file: Linux. Elsewhere its number has to do. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets and may have spaces; the 20th field after it is the time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}:${fields[19] ?? ''}`;
  } catch {
    return '-';
  }
}
