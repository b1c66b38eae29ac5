/** Plays the example app as a person does. The one place that knows its buttons, and what the app records at them. */
import type { Page } from "playwright-core";
import type { Made } from "./support/compare.ts";

type Button = "start" | "answer" | "next" | "break" | "slow" | "finish";

export interface Quiz {
  start(): Promise<void>;
  /** Chooses one of the answers of the question that is shown; the first when none is named. */
  answer(choice?: number): Promise<void>;
  next(): Promise<void>;
  /** Answers question after question until the quiz can be finished, and finishes it. */
  playToTheEnd(): Promise<void>;
  /** Throws an error that nobody catches. */
  breakSomething(): Promise<void>;
  /** Makes a request that takes its time, and waits for its end. */
  slowRequest(): Promise<void>;
  /** The records that all of this has made, and the opening of the page before it. */
  made(): Made;
}

/** For a page that was opened and in which nothing was clicked so far. */
export function createQuiz(page: Page): Quiz {
  const button = (name: Button) => page.getByTestId(name);
  const made = Object.fromEntries(Object.values(recordsAt).flat().map((kind) => [kind, 0]));
  count("load");

  async function click(name: Button, choice = 0): Promise<void> {
    await button(name).nth(choice).click();
    if (name === "slow") await page.getByText("That took").waitFor();
    count(name);
  }

  function count(what: keyof typeof recordsAt): void {
    for (const kind of recordsAt[what]) made[kind] = (made[kind] ?? 0) + 1;
  }

  async function playToTheEnd(): Promise<void> {
    for (let question = 0; question < mostQuestions; question += 1) {
      if (await button("answer").first().isEnabled().catch(() => false)) await click("answer", question % 2);
      if (await button("finish").isVisible()) break;
      await click("next");
    }
    await click("finish");
  }

  return {
    start: () => click("start"),
    answer: (choice) => click("answer", choice),
    next: () => click("next"),
    playToTheEnd,
    breakSomething: () => click("break"),
    slowRequest: () => click("slow"),
    made: () => ({ ...made }),
  };
}

/** Waits until the app has its client. */
export async function untilAppIsReady(page: Page): Promise<void> {
  await page.waitForFunction(() => "__quiz" in window);
}

/**
 * What examples/quiz/src records when a page was loaded and at each click, as far as it can be told by name. The
 * page measures its load before the client is there: these calls are the ones that are kept for it. Left out is what
 * comes in its own time (the first paint, the questions) and what says the score in its name.
 */
const recordsAt: Readonly<Record<Button | "load", readonly string[]>> = {
  load: ["metric web_vital_ttfb", "metric web_vital_load", "log Page load measured"],
  start: ["event quiz_started"],
  answer: ["event question_answered", "metric answer_time"],
  next: [],
  break: ["event break_something", "error TypeError"],
  slow: ["trace api.slow_request", "log A request was slow"],
  finish: ["event quiz_finished"],
};

const mostQuestions = 50;
