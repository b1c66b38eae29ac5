import { expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { wrapLogger } from './wrapLogger.js';

/** As the loggers of the systems that are replaced. */
class Logger {
  readonly #lines: string[] = [];
  level = 'debug';

  debug(message: string): this {
    this.#lines.push(message);
    return this;
  }
  info(message: string, context?: object): number {
    return this.#lines.push(message + JSON.stringify(context ?? {}));
  }
  error(message: unknown, context?: unknown): void {
    this.#lines.push(String(message) + String(context));
  }
  warn(): never {
    throw new RangeError('from the logger');
  }
  perf(metric: string, data: unknown): void {
    this.info(`[PERF] ${metric}`, data as object);
  }
  action(name: string, context?: object): void {
    this.info(`[ACTION] ${name}`, context);
  }
  lines(): readonly string[] {
    return this.#lines;
  }
}

function wrapped() {
  const fake = createFakeTelemetry();
  const plain = new Logger();
  return { ...fake, plain, logger: wrapLogger(plain, fake.telemetry) };
}

it('makes logs of its levels, a metric of perf and an event of action', () => {
  const { logger, made, plain } = wrapped();
  logger.debug('one');
  logger.info('two', { topic: 'Math' });
  logger.perf('LCP', { value: 1250, rating: 'good' });
  logger.perf('CLS', { value: '0.100' });
  logger.action('Quiz started', { topic: 'Math' });
  expect(made).toEqual([
    ['log', 'debug', 'one', undefined],
    ['log', 'info', 'two', { topic: 'Math' }],
    ['metric', 'lcp', 1250, { value: 1250, rating: 'good' }],
    ['metric', 'cls', 0.1, { value: '0.100' }],
    ['event', 'quiz_started', { topic: 'Math', label: 'Quiz started' }],
  ]);
  expect(plain.lines()).toHaveLength(5);
});

it.each([
  ['Quiz started!', 'quiz_started'],
  ['userLoggedIn', 'user_logged_in'],
  ['  Größe — geändert ', 'gro_e_geandert'],
  ['2nd try', 'action_2nd_try'],
  ['開始', 'action'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('names the event of %j %s', (label, name) => {
  const { logger, of } = wrapped();
  logger.action(label);
  expect(of('event')).toEqual([[name, { label }]]);
});

it('keeps what methods give back and throw, and their this', () => {
  const { logger, made } = wrapped();
  expect(logger.info('a')).toBe(1);
  expect(() => logger.warn()).toThrow(new RangeError('from the logger'));
  expect(logger.level).toBe('debug');
  expect(logger.lines).not.toThrow;
  expect(logger.info).toBe(logger.info);
  expect(logger.info.name).toBe('info');
  expect(made.map(([, level]) => level)).toEqual(['info', 'warn']);
});

it('leaves the logger itself alone', () => {
  const { plain, made } = wrapped();
  plain.info('unseen');
  expect(made).toEqual([]);
});

it('names errors, as message and as context', () => {
  const { logger, of } = wrapped();
  logger.error(new TypeError('no list'), new RangeError('too long'));
  expect(of('log')).toEqual([['error', 'TypeError: no list', { error: 'RangeError: too long' }]]);
});

it('lets the app have its line if the client throws', () => {
  const { logger, plain, telemetry } = wrapped();
  vi.spyOn(telemetry, 'log').mockImplementation(() => {
    throw new Error('from the client');
  });
  logger.info('kept');
  expect(plain.lines()).toEqual(['kept{}']);
});

it('gives out what is frozen as it is', () => {
  const { telemetry, made } = createFakeTelemetry();
  const logger = wrapLogger(Object.freeze({ info: () => 1 }), telemetry);
  expect(logger.info()).toBe(1);
  expect(made).toEqual([]);
});
