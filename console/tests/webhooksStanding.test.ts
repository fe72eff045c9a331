import { expect, test } from "vitest";

import { standingOf } from "../src/pages/webhooks/standing";

const whole = { complete_through: "2026-11-25T12:00:00Z", reason: null, waiting_count: 0 };

test("green says that nothing is missing", () => {
  expect(standingOf(whole, false)).toEqual({ color: "green", isEnd: false });
});

test("while WorkOS's list cannot be read, what came since is not known", () => {
  const told = { ...whole, reason: "WorkOS's list could not be read: 503" };
  expect(standingOf(told, false)).toEqual({ color: "amber", isEnd: true });
});

test("an answer of before is no promise for now", () => {
  expect(standingOf(whole, true)).toEqual({ color: "amber", isEnd: true });
});

test("what waits is known to be missing", () => {
  const told = { ...whole, reason: "An event is not applied yet.", waiting_count: 1 };
  expect(standingOf(told, false)).toEqual({ color: "amber", isEnd: false });
  expect(standingOf({ ...whole, complete_through: null, reason: "Not read yet." }, false)).toEqual({ color: "amber", isEnd: false });
});
