import type { InjectionKey } from 'vue';
import type { Telemetry } from '../Telemetry.js';

/** Under which the plugin provides its client. By name, so that two copies of this file mean the same. */
export const TELEMETRY: InjectionKey<Telemetry> = /* @__PURE__ */ Symbol.for('beaconry');
