/** Instants counted by equal spans of time, for charts; pure. */
export interface Bucket<T> {
  from: number;
  to: number;
  items: T[];
}

const NICE_MS = [60_000, 5 * 60_000, 15 * 60_000, 3_600_000, 6 * 3_600_000, 86_400_000, 7 * 86_400_000];

const AT_LEAST = 24;

/** Returns 24 to `most` buckets of a round length, the last of them that of `now`, none before the first item cut off. */
export function bucketed<T>(items: readonly T[], at: (item: T) => number, now: number, most = 48): Bucket<T>[] {
  if (items.length === 0) return [];
  const first = Math.min(...items.map(at));
  const size = NICE_MS.find((length) => (now - first) / length < most - 1) ?? (now - first) / (most - 1);
  const end = Math.floor(now / size) + 1;
  const start = Math.min(Math.floor(first / size), end - AT_LEAST) * size;
  const count = end - start / size;
  const buckets = Array.from({ length: count }, (_, index): Bucket<T> => {
    const from = start + index * size;
    return { from, to: from + size, items: [] };
  });
  for (const item of items) buckets[Math.min(count - 1, Math.floor((at(item) - start) / size))]?.items.push(item);
  return buckets;
}

/** Returns which counts stand out: three standard deviations above the others, and at least five. */
export function spikes(counts: readonly number[]): boolean[] {
  return counts.map((count, index) => {
    const others = counts.filter((_, at) => at !== index);
    if (count < 5 || others.length < 3) return false;
    const mean = others.reduce((sum, one) => sum + one, 0) / others.length;
    const deviation = Math.sqrt(others.reduce((sum, one) => sum + (one - mean) ** 2, 0) / others.length);
    return count > mean + 3 * Math.max(deviation, 1);
  });
}

/** Returns the middle of some numbers; null of none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
