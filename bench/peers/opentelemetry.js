// Logs and spans in batches; what makes spans of requests is a package more.
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';

const logs = new LoggerProvider({ processors: [new BatchLogRecordProcessor(new OTLPLogExporter())] });
new WebTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] }).register();
logs.getLogger('shop').emit({ body: 'Hello' });
