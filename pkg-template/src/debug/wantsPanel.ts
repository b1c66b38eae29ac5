/** Whether a developer asked for the debug panel in this browser: `localStorage.beaconryDebug = 1`. */
export function wantsPanel(): boolean {
  try {
    return typeof document === 'object' && localStorage.getItem('beaconryDebug') === '1';
  } catch {
    // A storage that is blocked holds no wish.
    return false;
  }
}
