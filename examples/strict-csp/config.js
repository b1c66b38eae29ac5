// The policy allows no inline script, so the config is a file.
beaconry.init({ endpoint: '/api/telemetry/batch', token: 'demo', app: 'strict-csp' });
