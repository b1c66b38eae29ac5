import { fromEnv, telemetry } from 'beaconry';
import { ErrorBoundary, reactErrorHandlers, TelemetryProvider } from 'beaconry/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Shop } from './Shop';
import './style.css';

const config = { ...fromEnv(import.meta.env), app: 'react-shop' };

createRoot(document.getElementById('root')!, reactErrorHandlers(telemetry)).render(
  <StrictMode>
    <TelemetryProvider client={telemetry} config={config}>
      <ErrorBoundary fallback={<p className="sorry">The shop is closed for a moment. Please load the page again.</p>}>
        <Shop />
      </ErrorBoundary>
    </TelemetryProvider>
  </StrictMode>,
);
