// What is switched on in this build.

type Phase = 'ENABLED' | 'DISABLED';

interface Feature {
  phase: Phase;
  description: string;
}

const FEATURES: Record<string, Feature> = {
  TELEMETRY: {
    phase: 'ENABLED',
    description: 'Send logs, errors and timings to our own server',
  },
};

export function isFeatureEnabled(name: string): boolean {
  return FEATURES[name]?.phase === 'ENABLED';
}
