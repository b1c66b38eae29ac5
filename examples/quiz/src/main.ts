// The app: a quiz, with telemetry about what happens in it.

import { generateQuestions, requestSlowly } from './api';
import { installErrorHandler } from './errorHandler';
import { logger } from './logger';
import { measurePageLoad } from './performance';
import { beginQuiz, chooseAnswer, goOn, scoreOf } from './quiz';
import type { Quiz } from './quiz';
import { failedScreen, questionScreen, resultScreen, waitingScreen, welcomeScreen } from './screens';
import { startTelemetry, telemetry } from './telemetry';

const TOPIC = 'Lighthouses';

installErrorHandler();
measurePageLoad();
show(welcomeScreen(start));
byId('slow').addEventListener('click', slowRequest);
byId('break').addEventListener('click', breakSomething);

// The app does not wait for telemetry: calls made before it is ready are kept.
void startTelemetry().then(() => Object.assign(window, { __quiz: { telemetry } }));

async function start(): Promise<void> {
  logger.action('Quiz started', { topic: TOPIC });
  show(waitingScreen());
  try {
    ask(beginQuiz(await generateQuestions(TOPIC)));
  } catch (problem) {
    logger.error('Questions could not be made', { topic: TOPIC });
    telemetry.error(problem);
    show(failedScreen(start));
  }
}

function ask(quiz: Quiz): void {
  const shownAt = performance.now();
  showQuestion(quiz);

  function showQuestion(state: Quiz): void {
    show(
      questionScreen(state, {
        onAnswer: (answer) => showQuestion(answered(state, answer, shownAt)),
        onNext: () => ask(goOn(state)),
        onFinish: () => finish(state),
      }),
    );
  }
}

function answered(quiz: Quiz, answer: number, shownAt: number): Quiz {
  const correct = quiz.questions[quiz.at]?.correct === answer;
  logger.action('Question answered', { question: quiz.at + 1, answer, correct });
  logger.perf('Answer_Time', { value: Math.round(performance.now() - shownAt), unit: 'ms' });
  return chooseAnswer(quiz, answer);
}

function finish(quiz: Quiz): void {
  const score = scoreOf(quiz);
  logger.action('Quiz finished', { score, questions: quiz.questions.length });
  logger.info(`Quiz finished with ${score} of ${quiz.questions.length}`, { topic: TOPIC });
  show(resultScreen(quiz, start));
}

async function slowRequest(): Promise<void> {
  say('A slow request is on its way…');
  const millis = await requestSlowly();
  logger.warn('A request was slow', { millis: Math.round(millis) });
  say(`That took ${(millis / 1000).toFixed(1)} s.`);
}

/** A mistake as they happen: the server sent less than the code expects, and nobody catches it. */
function breakSomething(): void {
  logger.action('Break something');
  say('An error was thrown, and nobody in the app caught it.');
  const answer = JSON.parse('{}') as { best: { score: number } };
  say(`The best score so far is ${answer.best.score}.`);
}

/** Replaces the screen. Who came by keyboard goes on at the first thing to press. */
function show(nodes: Node[]): void {
  const screen = byId('screen');
  const hadFocus = screen.contains(document.activeElement);
  screen.replaceChildren(...nodes);
  if (hadFocus) screen.querySelector<HTMLElement>('button:enabled')?.focus();
}

function say(text: string): void {
  byId('status').textContent = text;
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}
