/** What becomes of the answers of a server that is ours. */
import { pause } from "../support/until.ts";
import type { Fault } from "./fault.ts";
import { first, pass, type Answer, type Behaviour, type Exchange } from "./proxy.ts";
import { recordSlowly, untilHarmed } from "./scene.ts";

export const answers: readonly Fault[] = [
  faulty("500, three times", 3, () => first(3, ({ answer }) => answer(plain(500, "Internal Server Error")))),
  faulty("answer lost after storing, three times", 3, () => first(3, loseAnswer)),
  faulty("answer cut, three times", 3, () => first(3, async ({ ask, cut }) => cut(await ask()))),
  faulty("a newer server", 2, () => newer()),
  faulty("an older server", 1, () => rewriting((ours) => ({ ...ours, remote: undefined, serverTime: undefined }))),
  {
    name: "429 with Retry-After: 2",
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(({ answer }) => answer(tooMany));
      await recordSlowly(tab, scene.count);
      await pause(scene.outage / 4);
      await untilHarmed(scene, 1);
      scene.proxy.behave(pass);
    },
  },
  {
    name: "server hangs, then wakes",
    run: async (scene) => {
      const tab = await scene.open();
      const hanging = hang();
      scene.proxy.behave(hanging.behaviour);
      await recordSlowly(tab, scene.count);
      await pause(scene.outage);
      await untilHarmed(scene, 1);
      scene.proxy.behave(pass);
      await hanging.wake();
    },
  },
  {
    name: "server hangs, page closed and reopened, then it wakes",
    run: async (scene) => {
      const tab = await scene.open();
      const hanging = hang();
      scene.proxy.behave(hanging.behaviour);
      await recordSlowly(tab, scene.count);
      await tab.close();
      await untilHarmed(scene, 1);
      await pause(scene.outage / 4);
      scene.proxy.behave(pass);
      await scene.open();
      await hanging.wake();
    },
  },
];

/** The most common shape: a fault that is there from the start and ends by itself, after so many batches. */
function faulty(name: string, batches: number, behaviour: () => Behaviour): Fault {
  return {
    name,
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(behaviour());
      await recordSlowly(tab, scene.count);
      await untilHarmed(scene, batches);
    },
  };
}

/** The server has stored the batch; nobody hears of it. */
export const loseAnswer: Behaviour = async ({ ask, drop }) => {
  await ask();
  drop();
};

/** Takes batches and does nothing with them until it wakes; then it does everything, for whoever still listens. */
function hang(): { readonly behaviour: Behaviour; wake(): Promise<void> } {
  const taken: Exchange[] = [];
  return {
    behaviour: (exchange) => void taken.push(exchange),
    wake: async () => void (await Promise.all(taken.splice(0).map(pass))),
  };
}

/** Says more than today's clients know, and refuses its first batch for a reason of its own. */
function newer(): Behaviour {
  const rewrite = rewriting((ours) => ({
    ...ours,
    beaconry: 99,
    mood: { of: "the server", scale: [1, 2, 3] },
    results: [...(ours["results"] as unknown[]), { index: 0, verdict: "archived", reason: "too_cold", shelf: 7 }],
    remote: { features: { TELEMETRY: {}, TELEPATHY: { phase: "MAYBE" } }, sampling: {}, quota: { perDay: 5 } },
  }));
  return first(1, ({ answer }) => answer(refusal), rewrite);
}

/** Changes what the server says of a batch. */
function rewriting(change: (ours: Readonly<Record<string, unknown>>) => object): Behaviour {
  return async ({ ask, answer }) => {
    const theirs = await ask();
    const body = JSON.stringify(change(JSON.parse(theirs.body.toString()) as Readonly<Record<string, unknown>>));
    answer({ ...theirs, body: Buffer.from(body) });
  };
}

/** An answer that pages of any origin may read, which makes it harder to see that it is none of ours. */
export function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const readable = { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };
  return { status, headers: { "content-type": "text/html", ...readable, ...headers }, body: Buffer.from(text) };
}

const tooMany = plain(429, "Too Many Requests", { "retry-after": "2" });
const refusal = plain(409, JSON.stringify({ beaconry: 99, status: "postponed", error: "tide_too_low", results: [] }), {
  "content-type": "application/json",
});
