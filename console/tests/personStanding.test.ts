import { expect, test } from "vitest";

import { keptOutBy, whyOut, type Standing } from "../src/pages/person/standing";

type Entry = Standing["directory_users"][number];
const entry = (state: Entry["state"], directory_name = "Acme Okta"): Entry => ({ id: "u", workos_id: "d", directory_id: "y", directory_name, state });
const out = (deactivated_by: "admin" | "directory", ...directory_users: Entry[]): Standing => ({ state: "inactive", deactivated_by, directory_users });

test("whom a directory removed only a directory lets in again", () => {
  for (const state of ["inactive", "deleted"] as const) expect(keptOutBy(out("directory", entry(state)))).toEqual(["Acme Okta"]);
  expect(keptOutBy(out("admin", entry("deleted")))).toEqual(["Acme Okta"]);
});

test("whom no directory knows, or one lets in, an administrator lets in again", () => {
  expect(keptOutBy(out("admin"))).toEqual([]);
  expect(keptOutBy(out("admin", entry("active"), entry("deleted", "Old")))).toEqual([]);
  expect(keptOutBy(out("directory", entry("unmanaged")))).toEqual([]);
});

test("it is said who keeps somebody out, and where that is changed", () => {
  expect(whyOut({ ...out("admin"), state: "active" })).toBeNull();
  expect(whyOut(out("admin"))).toBe("An administrator deactivated this person. They cannot sign in.");
  expect(whyOut(out("admin", entry("deleted")))).toContain("Acme Okta does not let them in either");
  expect(whyOut(out("directory", entry("inactive")))).toMatch(/^Acme Okta decides about this person/);
});
