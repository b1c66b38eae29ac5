export { startLoader } from './startLoader.js';
export type { KeptCall, Loader, Receiver, TakenOver } from './startLoader.js';
