/** Whom a policy would lock out, and who was not seen to get in yet, as the API's refusal names them. */
import { Problem } from "../../api/problem";

interface Said {
  code: string;
  detail: string;
}

export interface Left {
  user_id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  administrator: boolean;
  reasons: Said[];
}

interface Named {
  count: number;
  people: Left[];
}

export interface Lockout {
  ofPeople: number;
  lockedOut: Named;
  notSeenYet: Named;
  warnings: Said[];
}

/** Returns whom it would lock out; null where an error is about something else. */
export function lockoutOf(error: unknown): Lockout | null {
  if (!(error instanceof Problem) || error.code !== "sso_would_lock_out") return null;
  const { locked_out, not_seen_yet, warnings } = error.members as {
    locked_out: Named & { of_people: number };
    not_seen_yet?: Named;
    warnings: Said[];
  };
  const notSeenYet = not_seen_yet ?? { count: 0, people: [] };
  return { ofPeople: locked_out.of_people, lockedOut: locked_out, notSeenYet, warnings };
}

/** Returns what would come of it in sentences: who is locked out, and apart from them who has not tried yet. */
export function consequences({ ofPeople, lockedOut, notSeenYet, warnings }: Lockout): string[] {
  const said: string[] = [];
  if (lockedOut.count > 0) said.push(`${lockedOut.count} of ${ofPeople} people could not sign in any more.`);
  if (notSeenYet.count > 0) {
    const others = notSeenYet.count === 1 ? "1 person has" : `${notSeenYet.count} people have`;
    said.push(`${others} not signed in by single sign-on yet: they can try, and nothing says that it would fail.`);
  }
  return [...said, ...warnings.map(({ detail }) => detail)];
}
