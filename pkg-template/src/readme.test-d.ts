import { it } from 'vitest';
import type { WasmGiven } from './compileWasm.js';
import type { Config, Consent } from './types.js';

// Not those of the package, whose types need the built wasm.
declare const init: (config: Config & { readonly wasm?: WasmGiven }) => Promise<unknown>;
declare const telemetry: { setConsent(state: Consent): void };
declare const endpoint: string;
declare const flags: { isOn(name: string): boolean };
declare const banner: { onAccept: () => void; onReject: () => void };

it('compiles as the README shows it', async () => {
  await init({ endpoint, wasm: '/assets/beaconry_bg.wasm' });
  await init({ endpoint, featureFlag: { phase: 'ENABLED', rollout: 25 }, user: { id: 'user-7' } });
  await init({ endpoint, featureFlag: 'server' });
  await init({ endpoint, isFeatureEnabled: (name) => flags.isOn(name) });
  await init({ endpoint, consent: 'pending' });
  banner.onAccept = () => telemetry.setConsent('granted');
  banner.onReject = () => telemetry.setConsent('denied');
  await init({ endpoint, sampleRate: 0.1, tracesSampleRate: 0.5 });
  await init({
    endpoint,
    ignoreErrors: ['ResizeObserver loop', /^AbortError/],
    denyUrls: [/^chrome-extension:/],
    beforeSend(record) {
      if (record.type === 'log' && record.level === 'debug') return null;
      if (record.type === 'error') record.message = record.message.replace(/order \d+/, 'order [id]');
      return record;
    },
  });
});
