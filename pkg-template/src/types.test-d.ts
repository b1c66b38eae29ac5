import { expectTypeOf, it } from 'vitest';
import type { Config, Context, FeatureFlag, Receipt, Span, TraceIds, Vital } from './types.js';

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
