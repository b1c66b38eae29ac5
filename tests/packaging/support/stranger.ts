/** A fixture outside of the checkout, with the packed package installed as a stranger would. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { required } from "../../e2e/support/environment.ts";
import { removeFolder } from "../../e2e/support/removeFolder.ts";

export interface Stranger {
  readonly folder: string;
  /** Runs a script of the fixture's package.json to its end. An error has what it said. */
  run(script: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts a program of Node's in the folder, which ends when the fixture is removed. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  remove(): Promise<void>;
}

/** @param source a folder with a package.json and its lock file */
export async function installStranger(source: string): Promise<Stranger> {
  const folder = await mkdtemp(join(tmpdir(), "beaconry-stranger-"));
  const isSource = (path: string) => !/node_modules|[/\\](dist|\.next)\b/.test(path.slice(source.length));
  await cp(source, folder, { recursive: true, filter: isSource });
  await finished("npm", ["install", "--no-save", "--prefer-offline", "--no-audit", "--no-fund", tarball()], folder, {});
  const children: ChildProcess[] = [];

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const child = started(args, folder, env);
    children.push(child);
    return child;
  }

  async function remove(): Promise<void> {
    // One that a failed test left would keep the whole run from ending.
    await Promise.all(children.map((child) => end(child)));
    await removeFolder(folder);
  }

  return { folder, run: (script, env = {}) => finished("npm", ["run", script], folder, env), start, remove };
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export function example(name: string): string {
  return fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));
}

export function tarball(): string {
  return `${required("BEACONRY_PACKAGE")}.tgz`;
}

async function finished(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const said = collect(child);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}:\n${said()}`);
  return said();
}

function started(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
  return child;
}

/** Everything that a process says, as far as it has said it. */
export function collect(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part: Buffer) => (said += part.toString("utf8")));
  return () => said;
}

/** Ends a process and waits until it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
  return child.exitCode ?? child.signalCode;
}
