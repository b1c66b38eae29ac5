/** Starts, kills and restarts the real server, always on the same port and data. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ServerOptions {
  readonly binary: string;
  readonly data: string;
  readonly port: number;
  readonly token: string;
  /** The origin of the pages that may send records. */
  readonly allowOrigin: string;
}

export interface RealServer {
  readonly url: string;
  /** The folder that holds its journal. */
  readonly data: string;
  /** Starts it, with options beside its own, and waits for the line that says it listens. */
  start(more?: readonly string[]): Promise<void>;
  /** SIGKILL: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** SIGTERM, as an operator stops it. */
  stop(): Promise<void>;
}

export function createServer(options: ServerOptions): RealServer {
  let child: ChildProcess | undefined;
  const address = `127.0.0.1:${options.port}`;

  const endWithUs = (): void => void child?.kill("SIGKILL");

  async function start(more: readonly string[] = []): Promise<void> {
    // Whatever ends this process, the server does not outlive it.
    process.once("exit", endWithUs);
    child = spawn(options.binary, [...argumentsOf(options, address), ...more], { stdio: ["ignore", "pipe", "inherit"] });
    await untilReady(child);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    process.off("exit", endWithUs);
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, "exit");
    ending.kill(signal);
    await ended;
  }

  return {
    url: `http://${address}`,
    data: options.data,
    start,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

function argumentsOf(options: ServerOptions, address: string): string[] {
  return [
    "serve",
    ...["--listen", address],
    ...["--data", options.data],
    ...["--token", options.token],
    ...["--allow-origin", options.allowOrigin],
  ];
}

/** Resolves at the ready line; the lines after it are read and dropped, so that the server never waits. */
function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the server did not say that it listens")), startLimit);
    const settle = (act: () => void): void => {
      clearTimeout(limit);
      act();
    };
    if (child.stdout) {
      createInterface(child.stdout).on("line", (line) => {
        if (line.startsWith(readyLine)) settle(resolve);
      });
    }
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => {
      settle(() => reject(new Error(`the server ended before it listened (${code ?? signal})`)));
    });
  });
}

const readyLine = "beaconry is listening on ";
const startLimit = 30_000;
