/** As much of the WebDriver protocol as the tests need, for a browser that speaks nothing else. */
import { until } from "./until.ts";

export interface WebDriverSession {
  /** Opens a tab; the answer is its handle. */
  newTab(): Promise<string>;
  /** A command to one tab. Tabs take turns: the protocol knows one at a time. */
  inTab<T>(handle: string, method: Method, path: string, body?: object): Promise<T>;
  end(): Promise<void>;
}

type Method = "GET" | "POST" | "DELETE";

/** Waits until the driver answers, and has it start its browser. */
export async function startSession(driver: string, capabilities: object): Promise<WebDriverSession> {
  const isReady = () => fetch(`${driver}/status`).then((answer) => answer.ok, () => false);
  if (!(await until(isReady, startLimit))) throw new Error("the WebDriver does not answer");
  const opening = { capabilities: { alwaysMatch: capabilities } };
  const { sessionId } = await command<{ sessionId: string }>(driver, "POST", "/session", opening);
  const session = `${driver}/session/${sessionId}`;
  const [home] = await command<string[]>(session, "GET", "/window/handles");
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = turn.then(act);
    turn = result.catch(() => {});
    return result;
  }

  return {
    newTab: () =>
      inTurn(async () => {
        // A tab is opened from another one, and the last one that was used may be closed.
        await command(session, "POST", "/window", { handle: home });
        return (await command<{ handle: string }>(session, "POST", "/window/new", { type: "tab" })).handle;
      }),
    inTab: (handle, method, path, body) =>
      inTurn(async () => {
        await command(session, "POST", "/window", { handle });
        return command(session, method, path, body);
      }),
    end: () => inTurn(() => command(session, "DELETE", "")),
  };
}

async function command<T>(base: string, method: Method, path: string, body: object = {}): Promise<T> {
  const answer = await fetch(base + path, method === "POST" ? { method, body: JSON.stringify(body) } : { method });
  const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
  if (!answer.ok) throw new Error(`WebDriver ${method} ${path}: ${value.error} ${value.message}`);
  return value;
}

const startLimit = 20_000;
