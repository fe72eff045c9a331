import { expect, test } from "vitest";

import { columnsFor, type Row } from "../src/pages/organization/columns";

const told = { object: "organization", id: "1", name: "Acme", domains: [] } as unknown as Row;
const whole = { ...told, state: "active", workos_id: null, created_at: "2026-11-25T12:00:00Z" } as unknown as Row;
const titles = (rows: Row[]) => columnsFor(rows).map(({ title }) => title);

test("an administrator sees how an organization stands", () => {
  expect(titles([whole])).toEqual(["Name", "Domains", "State", "WorkOS id", "Since"]);
});

test("a client user, who is told less, sees no column that would be empty", () => {
  expect(titles([told])).toEqual(["Name", "Domains"]);
});
