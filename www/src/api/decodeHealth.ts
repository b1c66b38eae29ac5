import { isObject, readNumber, readText, readTime } from './read.ts';
import type { Health } from './types.ts';

/** Undefined for anything that is not the health of a beaconry server. */
export function decodeHealth(json: unknown): Health | undefined {
  if (!isObject(json)) return undefined;
  const status = readText(json, 'status');
  const version = readText(json, 'version');
  if (status === undefined || version === undefined) return undefined;
  return {
    status,
    version,
    uptimeSeconds: readNumber(json, 'uptimeSeconds') ?? 0,
    stored: readNumber(json, 'stored') ?? 0,
    indexed: readNumber(json, 'indexed') ?? 0,
    indexLag: readNumber(json, 'indexLag') ?? 0,
    lastEventAt: readTime(json, 'lastEventAt'),
    damagedLines: readNumber(json, 'damagedLines') ?? 0,
    hasLogin: json['login'] === true,
  };
}
