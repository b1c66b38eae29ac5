// The game itself: no DOM, no telemetry.

import type { Question } from './api';

export interface Quiz {
  questions: Question[];
  /** The place of the question that is shown. */
  at: number;
  /** What was chosen so far; the last one belongs to the question that is shown. */
  chosen: number[];
}

export function beginQuiz(questions: Question[]): Quiz {
  return { questions, at: 0, chosen: [] };
}

export function chooseAnswer(quiz: Quiz, answer: number): Quiz {
  return isAnswered(quiz) ? quiz : { ...quiz, chosen: [...quiz.chosen, answer] };
}

export function goOn(quiz: Quiz): Quiz {
  return { ...quiz, at: quiz.at + 1 };
}

export function isAnswered(quiz: Quiz): boolean {
  return quiz.chosen.length > quiz.at;
}

export function isLast(quiz: Quiz): boolean {
  return quiz.at === quiz.questions.length - 1;
}

export function scoreOf(quiz: Quiz): number {
  return quiz.chosen.filter((answer, index) => answer === quiz.questions[index]?.correct).length;
}
