/** Rules while they are being edited; pure. */
import type { Schemas } from "../../api/client";

type Group = Schemas["DirectoryGroupShape"];
type Mappings = Schemas["MappingsShape"];
export type RuleRequest = Schemas["RuleRequest"];
export type Role = RuleRequest["role"];

export interface Draft {
  key: string;
  role: Role;
  groupId: string | null;
  groupName: string | null;
  directoryId: string | null;
  /** The directory that a very group is of, or that a name is looked for in. */
  homeId: string | null;
  /** What the group is called, and how many are in it, where that is known. */
  title: string;
  members: number | null;
}

/** A group that has the name of a new rule, and what its directory is called. */
export interface Found {
  group: Group;
  directory: string;
}

/** Returns what a new rule is about: this group, or whichever has the name. */
export function aboutGroup(title: string, group: Group | undefined): Omit<Draft, "key" | "role"> {
  return {
    groupId: group?.id ?? null,
    groupName: group ? null : title,
    directoryId: null,
    homeId: group?.directory_id ?? null,
    title,
    members: group?.members_count ?? null,
  };
}

/** Returns how many are in a group, in words. */
export function membersOf(count: number): string {
  return `${count} ${count === 1 ? "member" : "members"}`;
}

/** Returns groups to choose from; those that would read the same are told apart by WorkOS's id. */
export function choicesOf(found: readonly Found[]): { value: string; title: string }[] {
  const titled = found.map(({ group, directory }) => ({ group, title: `${directory} · ${membersOf(group.members_count)}` }));
  return titled.map(({ group, title }) => {
    const isUnique = titled.filter((other) => other.title === title).length === 1;
    return { value: group.id, title: isUnique ? title : `${title} · ${group.workos_id}` };
  });
}

/** Returns the rules that count, ready to be edited. */
export function draftsOf({ rules }: Pick<Mappings, "rules">): Draft[] {
  return rules.map((rule) => ({
    key: `rule-${rule.position}`,
    role: rule.role,
    groupId: rule.group_id,
    groupName: rule.group_name,
    directoryId: rule.directory_id,
    homeId: rule.directory_id ?? (rule.group_id ? (rule.groups[0]?.directory_id ?? null) : null),
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
