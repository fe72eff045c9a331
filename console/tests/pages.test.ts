import { expect, test } from "vitest";

import { dayOf, isComplete, midnight } from "../src/pages/audit/DayFilter";
import { fraction, summary } from "../src/pages/directory/runs";
import { grantable } from "../src/pages/person/roles";
import { isSame, moved, requested, type Draft } from "../src/pages/roles/drafts";
import { ago, exact, moment } from "../src/ui/time";

const draft = (key: string, more: Partial<Draft> = {}): Draft => ({
  key,
  role: "ROLE_MEMBER",
  groupId: null,
  groupName: key,
  directoryId: null,
  homeId: null,
  title: key,
  members: null,
  ...more,
});

test("a rule moves by one, and never off the list", () => {
  expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b", "c"], 0, -1)).toEqual(["a", "b", "c"]);
  expect(moved(["a", "b", "c"], 2, 3)).toEqual(["a", "b", "c"]);
});

test("a rule names its group by id or by name, never both", () => {
  const [byName, byId] = requested([draft("Staff"), draft("x", { groupId: "g1", groupName: null, directoryId: "d1" })]);
  expect(byName).toEqual({ role: "ROLE_MEMBER", group_name: "Staff" });
  expect(byId).toEqual({ role: "ROLE_MEMBER", group_id: "g1", directory_id: "d1" });
  expect(isSame([draft("a"), draft("b")], [draft("b"), draft("a")])).toBe(false);
});

test("nobody gives a role above their own", () => {
  expect(grantable(["ROLE_CLIENT_ADMIN"])).toEqual(["ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER", "ROLE_MEMBER"]);
  expect(grantable(["ROLE_UNKNOWN"])).toEqual([]);
});

test("a day is the reader's own, there and back", () => {
  expect(dayOf(midnight("2026-03-29"))).toBe("2026-03-29");
  expect(midnight("")).toBe("");
  expect(dayOf("nonsense")).toBe("");
});

test("a day on its way to be typed is none yet, and never an error", () => {
  expect(dayOf(midnight("0202-11-15"))).toBe("0202-11-15");
  expect(midnight("nonsense")).toBe("");
  expect(["0002-11-15", "0202-11-15", "2026-11-15", "20261-11-15", ""].map(isComplete)).toEqual([false, false, true, false, false]);
});

test("progress is never more than all of it", () => {
  const progress = { pages: 1, users_seen: 12, groups_seen: 0, users_expected: 10 };
  expect(fraction({ progress })).toBe(1);
  expect(fraction({ progress: { ...progress, users_expected: null } })).toBeNull();
});

test("a run that failed says why", () => {
  const run = { status: "failed", changes: null, error: { code: "x", detail: "WorkOS is away." } };
  expect(summary(run as unknown as Parameters<typeof summary>[0])).toBe("WorkOS is away.");
});

test("instants are near in words and far by date", () => {
  const now = Date.parse("2026-01-08T12:00:00Z");
  expect(ago("2026-01-08T11:57:00Z", now)).toBe("3 minutes ago");
  expect(ago("2026-01-08T11:59:58Z", now)).toBe("just now");
  expect(ago("2026-01-08T20:00:00Z", now)).toBe("in 8 hours");
  expect(ago("2025-11-08T11:57:00Z", now)).toContain("2025");
});

test("what only looks like an instant stays what it is", () => {
  const no = "2026-13-45T99:99:99Z";
  expect([moment(no), exact(no), ago(no, 0)]).toEqual([no, no, no]);
});
