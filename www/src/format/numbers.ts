// Numbers as text.

const COUNT = new Intl.NumberFormat('en');
const VALUE = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });

export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** A measured value: three decimals at most. */
export function formatValue(value: number): string {
  return VALUE.format(value);
}

/** `1 record`, `2 records`. */
export function countOf(count: number, one: string): string {
  return `${formatCount(count)} ${count === 1 ? one : `${one}s`}`;
}
