import { isOwnUrl } from '../ownUrls.js';
import { all, listen } from './attempt.js';
import { createBursts } from './limits.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { resolve, shownText } from './urls.js';

/**
 * Records what the page's Content Security Policy has blocked, or would have, as logs of the level `warn`.
 *
 * ```ts
 * const stop = startCsp(telemetry);
 * ```
 *
 * The sample of what was blocked is left out, since it may be anything. Without a page it does nothing, and says
 * so in debug mode.
 */
export function startCsp(telemetry: Telemetry): Stop {
  return start(telemetry, 'startCsp', typeof document !== 'object' && 'page', () => {
    const bursts = createBursts(telemetry);
    const violated = (event: SecurityPolicyViolationEvent): void => {
      const { effectiveDirective: directive, blockedURI, disposition, sourceFile, lineNumber } = event;
      const url = resolve(blockedURI);
      if (url !== undefined && isOwnUrl(url)) return;
      const blocked = shownText(blockedURI);
      const about = { source: 'csp', directive, blocked, disposition, file: shownText(sourceFile), line: lineNumber };
      const message = `${directive} ${disposition === 'report' ? 'would block' : 'blocked'} ${blocked}`;
      bursts.tell(message, (again) => telemetry.log('warn', message, { ...about, ...again }));
    };
    return all([bursts.stop, listen(document, 'securitypolicyviolation', violated)]);
  });
}
