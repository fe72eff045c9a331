import { expect, test } from "vitest";

import { marksOf } from "../src/pages/sso/marks";
import { newsOf, type Seen } from "../src/pages/sso/news";

const okta: Seen = { id: "1", name: "Okta", state: "active", updated_at: "2026-11-25T12:00:00Z", certificate_expires_at: null };
const entra: Seen = { ...okta, id: "2", name: "Entra ID", state: "draft" };
const names = (before: Seen[], now: Seen[]) => newsOf(before, now).map(({ name }) => name);

test("what was set up in another tab is news: new, activated, or changed", () => {
  expect(names([okta], [okta, { ...entra, state: "active" }])).toEqual(["Entra ID"]);
  expect(names([okta, entra], [okta, { ...entra, state: "active" }])).toEqual(["Entra ID"]);
  expect(names([okta], [{ ...okta, updated_at: "2026-11-25T12:01:00Z" }])).toEqual(["Okta"]);
});

test("what is as before, or not ready, is no news", () => {
  expect(names([okta, entra], [okta, entra])).toEqual([]);
  expect(names([okta], [entra])).toEqual([]);
});

const refused = [{ field: "idp_certificate", message: "has expired" }];
const fields = ["idp_certificate", "idp_sso_url"];

test("a refusal points at its marks while one is left", () => {
  expect(marksOf(refused, fields, { idp_certificate: "It has expired." })).toBe("marked");
  expect(marksOf(refused, fields, {})).toBe("corrected");
});

test("a refusal of what no field shows is told in full", () => {
  expect(marksOf([{ field: "return_url", message: "is no address" }], fields, {})).toBe("unmarked");
  expect(marksOf([], fields, {})).toBe("unmarked");
});
