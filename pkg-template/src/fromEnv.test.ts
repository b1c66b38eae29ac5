import { expect, it } from 'vitest';
import { fromEnv } from './fromEnv.js';

it('reads the variables of a Vite app', () => {
  const env = {
    VITE_TELEMETRY_ENABLED: 'true',
    VITE_TELEMETRY_ENDPOINT: 'https://t.example/ingest',
    VITE_TELEMETRY_TOKEN: 'key',
    VITE_TELEMETRY_BATCH_SIZE: '25',
    VITE_TELEMETRY_FLUSH_INTERVAL: '5000',
    VITE_TELEMETRY_SAMPLE_RATE: '0.25',
    VITE_TELEMETRY_DEBUG: '0',
    VITE_TELEMETRY_APP: '',
    MODE: 'test',
  };
  expect(fromEnv(env)).toEqual({
    endpoint: 'https://t.example/ingest',
    token: 'key',
    app: undefined,
    release: undefined,
    environment: undefined,
    enabled: true,
    batchSize: 25,
    flushIntervalMs: 5000,
    sampleRate: 0.25,
    debug: false,
  });
});

it('passes on what is wrong, so that init can name it', () => {
  const env = { VITE_TELEMETRY_ENABLED: 'yes', VITE_TELEMETRY_BATCH_SIZE: 'ten' };
  expect(fromEnv(env)).toMatchObject({ endpoint: '', enabled: 'yes', batchSize: 'ten' });
});

it('throws nothing where there is no such environment', () => {
  expect(fromEnv(undefined as never)).toMatchObject({ endpoint: '' });
});
