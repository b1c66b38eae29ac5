// Records as a quiz app sends them, for tests and for looking at the page.

import type { Draft } from './fakeServer.ts';

const common = {
  app: 'quiz',
  sessionId: 's-7c1f',
  stream: '6f1d2c3b4a5968778695a4b3c2d1e0f9',
  page: 'https://quiz.example/play',
  source: 'client',
};

export const aLog: Draft = {
  ...common,
  type: 'log',
  level: 'info',
  message: 'Quiz started',
  context: { topic: 'Lighthouses', questions: 5 },
};

export const aWarning: Draft = {
  ...common,
  type: 'log',
  level: 'warn',
  message: 'Questions came from the cache',
  context: { ageMinutes: 42 },
};

export const anError: Draft = {
  ...common,
  type: 'error',
  errorType: 'TypeError',
  message: "Cannot read properties of undefined (reading 'score')",
  severity: 'error',
  handled: false,
  stack: [
    "TypeError: Cannot read properties of undefined (reading 'score')",
    '    at finish (https://quiz.example/assets/main.js:41:17)',
    '    at HTMLButtonElement.<anonymous> (https://quiz.example/assets/main.js:88:5)',
  ].join('\n'),
};

export const aMetric: Draft = {
  ...common,
  type: 'metric',
  name: 'web_vital_load',
  value: 1284.5,
  unit: 'ms',
};

export const aTrace: Draft = {
  ...common,
  type: 'trace',
  name: 'api.generate_questions',
  duration: 2450,
  context: { model: 'small-1', questions: 5 },
};

export const aVital: Draft = {
  ...common,
  type: 'vital',
  name: 'LCP',
  value: 4210,
  rating: 'poor',
};

export const anEvent: Draft = {
  ...common,
  type: 'event',
  name: 'question_answered',
  context: { question: 3, correct: true },
};

export const aFeedback: Draft = {
  ...common,
  type: 'feedback',
  message: 'The last question had two right answers.',
};

export const aLoss: Draft = {
  ...common,
  type: 'report',
  discards: [
    { reason: 'queue_overflow', type: 'log', count: 10 },
    { reason: 'too_old', type: 'event', count: 2 },
  ],
};

export const aHostileLog: Draft = {
  ...common,
  type: 'log',
  level: 'error',
  message: '<img src=x onerror="window.__owned = true"><b>bold</b>',
  page: 'javascript:window.__owned=true',
  context: { '<script>window.__owned = true</script>': '<svg onload="window.__owned = true">' },
};
