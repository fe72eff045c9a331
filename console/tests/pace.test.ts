import { expect, test } from "vitest";

import { problemOf, Unreachable } from "../src/api/problem";
import { CALM_MS, follow, pace } from "../src/ui/pace";

const refused = (status: number, headers: Record<string, string> = {}) => problemOf({}, new Response(null, { status, headers }));

test("what moves is read as often as it moves, and what rests is not", () => {
  expect([pace(null, 700), pace(null, false), pace(refused(503), false)]).toEqual([700, false, false]);
});

test.each([403, 404, 410, 422])("after %i it is not read again", (status) => {
  expect(pace(refused(status), 700)).toBe(false);
});

test.each([429, 500, 503])("after %i it is read again later", (status) => {
  expect(pace(refused(status), 700)).toBe(10_000);
});

test("not before the API wants it, and not more often for that", () => {
  expect(pace(refused(429, { "retry-after": "42" }), 700)).toBe(42_000);
  expect(pace(refused(503, { "retry-after": "2" }), 700)).toBe(10_000);
  expect(pace(refused(503, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), 700)).toBe(10_000);
});

test("a gateway that is away is looked for slowly", () => {
  expect(pace(new Unreachable(), 700)).toBe(10_000);
});

test("what somebody looks at is followed, until the API has judged", () => {
  expect(follow({ state: { error: null } })).toBe(CALM_MS);
  expect(follow({ state: { error: refused(404) } })).toBe(false);
});
