import { expect, test } from "vitest";

import { ago } from "../src/ui/time";

const NOW = Date.parse("2026-11-28T12:00:00Z");
const at = (seconds: number) => ago(new Date(NOW + seconds * 1000).toISOString(), NOW);

test("what was looked at a moment ago lies in no future, though the page's present is a little old", () => {
  expect(at(10)).toBe("just now");
  expect(at(29)).toBe("just now");
  expect(at(45)).toBe("in 45 seconds");
  expect(at(-9)).toBe("just now");
  expect(at(-45)).toBe("45 seconds ago");
});
