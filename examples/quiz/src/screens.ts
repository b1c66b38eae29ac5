// What each screen looks like.

import { isAnswered, isLast, scoreOf } from './quiz';
import type { Quiz } from './quiz';

export function welcomeScreen(onStart: () => void): Node[] {
  return [
    element('img', { src: `${import.meta.env.BASE_URL}lighthouse.svg`, alt: '', className: 'emblem' }),
    element('h1', {}, 'How well do you know lighthouses?'),
    element('p', { className: 'lead' }, 'Five questions, made while you wait.'),
    button('Start the quiz', 'start', onStart),
  ];
}

export function waitingScreen(): Node[] {
  return [element('div', { className: 'beacon' }), element('p', { className: 'lead' }, 'Making questions…')];
}

export function failedScreen(onStart: () => void): Node[] {
  return [
    element('h1', {}, 'That did not work'),
    element('p', { className: 'lead' }, 'The questions could not be fetched.'),
    button('Try again', 'start', onStart),
  ];
}

interface QuestionHandlers {
  onAnswer: (answer: number) => void;
  onNext: () => void;
  onFinish: () => void;
}

export function questionScreen(quiz: Quiz, { onAnswer, onNext, onFinish }: QuestionHandlers): Node[] {
  const question = quiz.questions[quiz.at];
  if (!question) return [];
  const answers = element('div', { className: 'answers' });
  answers.append(
    ...question.answers.map((text, index) => {
      const answer = button(text, 'answer', () => onAnswer(index));
      answer.className = `answer ${markOf(quiz, index)}`;
      answer.disabled = isAnswered(quiz);
      return answer;
    }),
  );
  return [
    element('p', { className: 'step' }, `Question ${quiz.at + 1} of ${quiz.questions.length}`),
    element('progress', { max: quiz.questions.length, value: quiz.chosen.length }),
    element('h1', {}, question.text),
    answers,
    isLast(quiz) && isAnswered(quiz)
      ? button('See the result', 'finish', onFinish)
      : nextButton(quiz, onNext),
  ];
}

export function resultScreen(quiz: Quiz, onStart: () => void): Node[] {
  const score = scoreOf(quiz);
  const all = quiz.questions.length;
  return [
    element('p', { className: 'step' }, 'Your result'),
    element('p', { className: 'score' }, `${score} of ${all}`),
    element('h1', {}, score === all ? 'Bright!' : score > all / 2 ? 'Well lit.' : 'A bit foggy.'),
    button('Play again', 'start', onStart),
  ];
}

function nextButton(quiz: Quiz, onNext: () => void): HTMLButtonElement {
  const next = button('Next question', 'next', onNext);
  next.disabled = !isAnswered(quiz);
  next.hidden = isLast(quiz);
  return next;
}

/** Once answered: which one was right, and which wrong one was chosen. */
function markOf(quiz: Quiz, answer: number): string {
  if (!isAnswered(quiz)) return '';
  if (answer === quiz.questions[quiz.at]?.correct) return 'right';
  return answer === quiz.chosen[quiz.at] ? 'wrong' : '';
}

function button(text: string, testid: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button' }, text);
  made.dataset['testid'] = testid;
  made.addEventListener('click', onClick);
  return made;
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]>,
  text = '',
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.textContent = text;
  return made;
}
