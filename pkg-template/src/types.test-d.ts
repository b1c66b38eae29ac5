import { expectTypeOf, it } from 'vitest';
import type { Config, Consent, Context, FeatureFlag, OutgoingRecord, Receipt, Span, TraceIds, Vital } from './types.js';

interface Topic {
  readonly topic: string;
  readonly score?: number;
}

it('takes an interface as a context, and no text', () => {
  expectTypeOf<Topic>().toExtend<Context>();
  expectTypeOf<Record<string, unknown>>().toExtend<Context>();
  expectTypeOf<string>().not.toExtend<Context>();
  expectTypeOf<Span['end']>().toBeCallableWith({ topic: 'Math' } as Topic);
});

it('takes undefined for everything optional', () => {
  expectTypeOf<Record<keyof TraceIds, undefined>>().toExtend<TraceIds>();
  expectTypeOf<Record<keyof FeatureFlag, undefined>>().toExtend<FeatureFlag>();
  expectTypeOf<{ name: 'LCP'; value: number; delta: undefined; attribution: undefined }>().toExtend<Vital>();
  expectTypeOf<{ endpoint: string; featureFlag: undefined; token: undefined }>().toExtend<Config>();
});

it('has receipts that are numbers', () => {
  expectTypeOf<Receipt>().toEqualTypeOf<number>();
});

it('takes the flag of the server, consent by its names, and rules for errors', () => {
  expectTypeOf<{ endpoint: string; featureFlag: 'server'; consent: 'pending' }>().toExtend<Config>();
  expectTypeOf<{ endpoint: string; featureFlag: 'servre' }>().not.toExtend<Config>();
  expectTypeOf<Consent>().toEqualTypeOf<'granted' | 'denied' | 'pending'>();
  expectTypeOf<{ endpoint: string; ignoreErrors: (string | RegExp)[]; denyUrls: RegExp[] }>().toExtend<Config>();
  expectTypeOf<{ endpoint: string; ignoreErrors: number[] }>().not.toExtend<Config>();
});

it('shows beforeSend each kind of record, which it may change but for its type', () => {
  const beforeSend: Config['beforeSend'] = (record) => {
    if (record.type === 'log' && record.level === 'debug') return null;
    if (record.type === 'error') record.message = record.message.replace(/order \d+/, 'order [id]');
    delete record.context['draft'];
    return record;
  };
  expectTypeOf(beforeSend).toExtend<Config['beforeSend']>();
  expectTypeOf<OutgoingRecord['type']>().toEqualTypeOf<'log' | 'metric' | 'trace' | 'vital' | 'error' | 'event' | 'feedback'>();
  expectTypeOf<() => Promise<OutgoingRecord>>().not.toExtend<NonNullable<Config['beforeSend']>>();
});
