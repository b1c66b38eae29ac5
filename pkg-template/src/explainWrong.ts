import type { Wrong } from './checkConfig.js';
import { explain } from './explain.js';
import { NUMBERS } from './flat.js';

/** Says what is wrong with a config. The words for it are fetched: hardly any page needs them. */
export async function explainWrong(wrong: Wrong): Promise<void> {
  try {
    const { describeWrong } = await import('./describeWrong.js');
    explain(describeWrong(wrong, NUMBERS));
  } catch {
    // The file is gone, or this is a service worker, which fetches none.
    const what = wrong.known ? 'is no option' : `does not take this ${typeof wrong.value}`;
    explain(`config.${wrong.name} ${what}: see Config in the package's types`);
  }
}
