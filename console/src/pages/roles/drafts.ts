/** Rules while they are being edited; pure. */
import type { Schemas } from "../../api/client";

type Mappings = Schemas["MappingsShape"];
export type RuleRequest = Schemas["RuleRequest"];
export type Role = RuleRequest["role"];

export interface Draft {
  key: string;
  role: Role;
  groupId: string | null;
  groupName: string | null;
  directoryId: string | null;
  /** What the group is called, and how many are in it, where that is known. */
  title: string;
  members: number | null;
}

/** Returns the rules that count, ready to be edited. */
export function draftsOf({ rules }: Pick<Mappings, "rules">): Draft[] {
  return rules.map((rule) => ({
    key: `rule-${rule.position}`,
    role: rule.role,
    groupId: rule.group_id,
    groupName: rule.group_name,
    directoryId: rule.directory_id,
    title: rule.group_name ?? rule.groups[0]?.name ?? rule.group_id ?? "",
    members: rule.groups.length > 0 ? rule.groups.reduce((sum, group) => sum + group.members_count, 0) : null,
  }));
}

/** Returns what the API is sent. */
export function requested(drafts: readonly Draft[]): RuleRequest[] {
  return drafts.map(({ role, groupId, groupName, directoryId }) => ({
    role,
    ...(groupId ? { group_id: groupId } : { group_name: groupName }),
    ...(directoryId ? { directory_id: directoryId } : {}),
  }));
}

/** Returns the list with one item at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  const [item] = next.splice(from, 1);
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  next.splice(to, 0, item);
  return next;
}

/** Whether two lists of rules ask for the same. */
export function isSame(one: readonly Draft[], other: readonly Draft[]): boolean {
  return JSON.stringify(requested(one)) === JSON.stringify(requested(other));
}
