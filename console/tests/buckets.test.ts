import { expect, test } from "vitest";

import { bucketed, median, spikes } from "../src/ui/buckets";

const MINUTE = 60_000;
const NOW = 1_000 * 3_600_000 + 90_500;

test("every item is in the bucket of its instant, and the last bucket is that of now", () => {
  const items = [NOW, NOW - MINUTE, NOW - 10 * MINUTE];
  const buckets = bucketed(items, (at) => at, NOW);
  expect(buckets.length).toBeGreaterThanOrEqual(24);
  expect(buckets.at(-1)).toMatchObject({ items: [NOW] });
  for (const { from, to, items: inside } of buckets) for (const at of inside) expect(at >= from && at < to).toBe(true);
  expect(buckets.flatMap(({ items: inside }) => inside)).toHaveLength(3);
});

test("a year is no more bars than an hour", () => {
  expect(bucketed([NOW - 365 * 86_400_000, NOW], (at) => at, NOW).length).toBeLessThanOrEqual(54);
  expect(bucketed([], (at: number) => at, NOW)).toEqual([]);
});

test("an instant ahead of this machine's clock is counted with now", () => {
  expect(bucketed([NOW + 5 * MINUTE], (at) => at, NOW).at(-1)?.items).toHaveLength(1);
});

test("what stands out is marked, and small numbers never", () => {
  expect(spikes([2, 3, 2, 3, 40, 2])).toEqual([false, false, false, false, true, false]);
  expect(spikes([0, 0, 0, 4, 0])).not.toContain(true);
  expect(spikes([10, 11, 10, 12])).not.toContain(true);
});

test("the middle of nothing is nothing", () => {
  expect(median([])).toBeNull();
  expect(median([9, 1, 5])).toBe(5);
});
