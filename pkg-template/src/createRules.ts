import type { Judge } from './createJudge.js';
import { warn } from './explain.js';
import { copyOf, thrownFields } from './flat.js';
import type { Call } from './makeRecord.js';
import { keepContext } from './mergeContexts.js';
import type { Config } from './types.js';

/** The rules that an app gives for its records. What they take is fetched beside the wasm, where there are any. */
export function createRules(config: Config) {
  const { beforeSend, ignoreErrors, allowUrls, denyUrls } = config;
  const hasAny = Boolean(beforeSend) || [ignoreErrors, allowUrls, denyUrls].some((patterns) => patterns?.length);
  let judge: Judge | undefined;
  return {
    /** Whether they can be asked: no record leaves that they have not seen. */
    areThere: (): boolean => !hasAny || judge !== undefined,
    /** Rejects where they cannot be had. */
    async fetch(): Promise<void> {
      if (!hasAny) return;
      const { createJudge } = await import('./createJudge.js');
      judge ??= createJudge(config, { warn, thrownFields, keepContext, copyOf });
    },
    /** The call that is made instead, or why none is. */
    judge: (call: Call): ReturnType<Judge> => (judge === undefined ? call : judge(call)),
  };
}
