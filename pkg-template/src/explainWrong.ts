import type { Wrong } from './checkConfig.js';
import { explain } from './explain.js';
import { NUMBERS } from './flat.js';

/** Says what is wrong with a config. The words for it are fetched: hardly any page needs them. */
export async function explainWrong(wrong: Wrong): Promise<void> {
  try {
    const { describeWrong } = await import('./describeWrong.js');
    explain(describeWrong(wrong, NUMBERS));
  } catch {
    explain(`config.${wrong.name} is wrong`);
  }
}
