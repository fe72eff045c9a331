/** Who keeps a person out, and whether an administrator can let them in again; pure. */
import type { Schemas } from "../../api/client";

export type Standing = Pick<Schemas["UserShape"], "state" | "deactivated_by" | "directory_users">;

/** Returns the directories that know a person, when none of them lets them in: the API then lets nobody else do it. */
export function keptOutBy({ directory_users: entries }: Standing): string[] {
  if (entries.some(({ state }) => state === "active" || state === "unmanaged")) return [];
  return [...new Set(entries.map((entry) => entry.directory_name))];
}

/** Returns why a person cannot come in, and who can change that; null of somebody who is let in. */
export function whyOut(person: Standing): string | null {
  if (person.state === "active") return null;
  const names = keptOutBy(person).join(", ");
  if (person.deactivated_by === "admin") {
    const first = names && ` ${names} does not let them in either: assign MemberPulse to them there first, then let them in again here.`;
    return `An administrator deactivated this person. They cannot sign in.${first}`;
  }
  if (names) return `${names} decides about this person and does not let them in. Assign MemberPulse to them there: they are let in as soon as it says so.`;
  return "The company’s directory removed this person. They cannot sign in.";
}
