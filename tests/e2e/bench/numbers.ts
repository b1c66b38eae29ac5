/** The little arithmetic that the benchmarks need. */

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The nearest number below which this share of them lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
