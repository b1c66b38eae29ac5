// A backend that is not there: files of the app itself, and a delay.

import { telemetry } from './telemetry';

export interface Question {
  text: string;
  answers: string[];
  correct: number;
}

const MODEL = 'keeper-small-1';

/** Asks the "model" for questions. */
export async function generateQuestions(topic: string): Promise<Question[]> {
  const startedAt = performance.now();
  const [{ questions }] = await Promise.all([fetchQuestions(), pause(400 + Math.random() * 500)]);
  telemetry.trace('api.generate_questions', performance.now() - startedAt, {
    model: MODEL,
    topic,
    questions: questions.length,
  });
  return questions;
}

/** A request that takes its time. */
export async function requestSlowly(): Promise<number> {
  const span = telemetry.startSpan('api.slow_request');
  const startedAt = performance.now();
  await Promise.all([fetchQuestions(), pause(2500)]);
  span.end();
  return performance.now() - startedAt;
}

async function fetchQuestions(): Promise<{ questions: Question[] }> {
  const response = await fetch(`${import.meta.env.BASE_URL}api/questions.json`);
  if (!response.ok) throw new Error(`questions: HTTP ${response.status}`);
  return response.json();
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
