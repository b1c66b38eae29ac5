/**
 * A port of this machine that nobody listens on. Systems give higher ones to connections that are made, such as those
 * of browsers: one of these could be taken while a server that was killed is not there again.
 */
import { createServer } from "node:net";

export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once("error", () => resolve(false));
    listener.listen(port, "127.0.0.1", () => listener.close(() => resolve(true)));
  });
}

const lowest = 20_000;
const count = 12_000;
