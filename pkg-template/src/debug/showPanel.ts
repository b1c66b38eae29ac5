import { warn } from '../explain.js';
import type { Watched } from './openPanel.js';
import { wantsPanel } from './wantsPanel.js';

/** Shows the debug panel to a developer who asked for it; nobody else downloads it. */
export function showPanel(client: Watched, endpoint: unknown): void {
  if (!wantsPanel()) return;
  const open = async (): Promise<void> => {
    const { openPanel } = await import('./openPanel.js');
    openPanel(client, String(endpoint));
  };
  open().catch(() => warn("the debug panel cannot be loaded: the bundle lacks one of the package's files"));
}
