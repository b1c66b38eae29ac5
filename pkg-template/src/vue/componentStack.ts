import type { ComponentPublicInstance } from 'vue';

/** The component and those around it, one a line and innermost first, as React writes them. */
export function componentStack(instance: ComponentPublicInstance | null): string {
  const lines: string[] = [];
  for (let at = instance; at !== null && lines.length < MOST; at = at.$parent) {
    const { name, __name } = at.$options;
    lines.push(`\n    at ${name ?? __name ?? (at.$parent === null ? 'Root' : 'Anonymous')}`);
  }
  return lines.join('');
}

/** As deep as anybody reads. */
const MOST = 100;
