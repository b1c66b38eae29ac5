/**
 * What a call takes that got something else: `kind` is its number in `flat.js`, `at` the place of the field, from 1.
 * Only those download this who got it wrong in debug mode.
 */
export function describeMisuse(kind: number, fields: Readonly<Record<string, unknown>>, at: number): string {
  const [call, ...takes] = CALLS[kind] ?? ['This call'];
  if (call === 'event' && typeof fields['name'] === 'string') {
    // As long as a name may be, and no longer.
    const name = fields['name'].slice(0, 100);
    return `event() takes ${RULE}: not '${name}', write '${asEventName(name)}'`;
  }
  return `${call}() takes ${takes[Math.min(at, takes.length) - 1]}`;
}

/** Turns free text ("Quiz Started!") into an event name ("quiz_started"). */
export function asEventName(label: string): string {
  const words = label.toLowerCase().match(/[a-z0-9]+/g) ?? ['event'];
  return /^[a-z]/.test(words[0] ?? '') ? words.join('_') : ['event', ...words].join('_');
}

const NAME = 'a name that is a string';
const MESSAGE = 'a message that is a string';
const RULE = 'a name of lower-case letters, digits and _ that begins with a letter';

/** By their numbers: the call, and what its fields take. The last one stands for all behind it. */
const CALLS: readonly (readonly string[])[] = [
  ['log', "a level: 'debug', 'info', 'warn' or 'error'", MESSAGE],
  ['metric', NAME, 'a value that is a finite number'],
  ['trace', NAME, 'a duration in milliseconds from 0'],
  ['vital', "{ name: 'LCP', value: 1250, rating?: 'good' }"],
  ['error', 'what was thrown'],
  ['event', NAME],
  ['feedback', "{ message: 'It broke', email?: 'ann@example.com' }"],
  ['setUser', "{ id: 'text', anonymousId: 'text' }"],
  ['setConsent', "'granted', 'denied' or 'pending'"],
];
