/** Plays the example app as a person does. The one place that knows its buttons. */
import type { Page } from "playwright-core";

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
  /** Makes a request that takes its time. */
  slowRequest(): Promise<void>;
}

export function createQuiz(page: Page): Quiz {
  const button = (name: Button) => page.getByTestId(name);

  async function answer(choice = 0): Promise<void> {
    await button("answer").nth(choice).click();
  }

  async function playToTheEnd(): Promise<void> {
    for (let question = 0; question < mostQuestions; question += 1) {
      if (await button("answer").first().isEnabled().catch(() => false)) await answer(question % 2);
      if (await button("finish").isVisible()) break;
      await button("next").click();
    }
    await button("finish").click();
  }

  return {
    start: () => button("start").click(),
    answer,
    next: () => button("next").click(),
    playToTheEnd,
    breakSomething: () => button("break").click(),
    slowRequest: () => button("slow").click(),
  };
}

/** Waits until the app has its client. */
export async function untilAppIsReady(page: Page): Promise<void> {
  await page.waitForFunction(() => "__quiz" in window);
}

const mostQuestions = 50;
