import { createContext } from 'react';
import type { Telemetry } from '../Telemetry.js';

/** The client of the nearest provider; nothing outside of all. */
export const TelemetryContext = /* @__PURE__ */ createContext<Telemetry | undefined>(undefined);
