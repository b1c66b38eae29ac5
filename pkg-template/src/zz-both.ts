export * from './index.js';export * from './hooks/index.js';
