// The app's logger: to the console while developing, to telemetry always.

import { telemetry } from './telemetry';

type Data = Record<string, unknown>;
type Level = 'debug' | 'info' | 'warn' | 'error';

export const logger = {
  debug: (message: string, data: Data = {}) => write('debug', message, data),
  info: (message: string, data: Data = {}) => write('info', message, data),
  warn: (message: string, data: Data = {}) => write('warn', message, data),
  error: (message: string, data: Data = {}) => write('error', message, data),

  /** Something measured: `logger.perf('Question_Time', { value: 4200 })`. */
  perf(metric: string, { value, ...labels }: Data & { value: number }): void {
    print('info', `[perf] ${metric}`, { value, ...labels });
    telemetry.metric(metric.toLowerCase(), value, labels);
  },

  /** Something the user did: `logger.action('Quiz started')` is the event `quiz_started`. */
  action(label: string, data: Data = {}): void {
    print('info', `[action] ${label}`, data);
    telemetry.event(toEventName(label), { ...data, label });
  },
};

/** An event's name takes lower-case letters, digits and `_`, and begins with a letter. */
export function toEventName(label: string): string {
  const words = label.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('_').replace(/^[^a-z]+/, '') || 'action';
}

function write(level: Level, message: string, data: Data): void {
  print(level, message, data);
  telemetry.log(level, message, data);
}

function print(level: Level, message: string, data: Data): void {
  if (import.meta.env.DEV) console[level](message, data);
}
