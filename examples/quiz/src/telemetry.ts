import { fromEnv, init } from 'beaconry';
import { isFeatureEnabled } from './features';

export { telemetry } from 'beaconry';
export const startTelemetry = () => init({ ...fromEnv(import.meta.env), app: 'quiz', isFeatureEnabled });
