import { expect, test } from "vitest";

import { aboutGroup, choicesOf, type Found } from "../src/pages/roles/drafts";

function found(id: string, directory: string, members_count: number): Found {
  const group = { id, workos_id: `directory_group_${id}`, directory_id: `of ${id}`, members_count } as Found["group"];
  return { group, directory };
}

test("groups with one name are told apart by their directory, and by their id where that does not do", () => {
  const titles = choicesOf([found("1", "Okta", 1), found("2", "Entra ID", 4), found("3", "Entra ID", 4)]).map(({ title }) => title);
  expect(titles).toEqual([
    "Okta · 1 member",
    "Entra ID · 4 members · directory_group_2",
    "Entra ID · 4 members · directory_group_3",
  ]);
});

test("a rule is about one group, or about a name", () => {
  const { group } = found("1", "Okta", 1);
  expect(aboutGroup("Staff", group)).toMatchObject({ groupId: "1", groupName: null, homeId: "of 1", members: 1 });
  expect(aboutGroup("Staff", undefined)).toMatchObject({ groupId: null, groupName: "Staff", homeId: null, members: null });
});
