/** Whom a policy would lock out, as the API's refusal names them. */
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

export interface Lockout {
  count: number;
  ofPeople: number;
  people: Left[];
  warnings: Said[];
}

/** Returns whom it would lock out; null where an error is about something else. */
export function lockoutOf(error: unknown): Lockout | null {
  if (!(error instanceof Problem) || error.code !== "sso_would_lock_out") return null;
  const { locked_out, warnings } = error.members as {
    locked_out: { count: number; of_people: number; people: Left[] };
    warnings: Said[];
  };
  return { count: locked_out.count, ofPeople: locked_out.of_people, people: locked_out.people, warnings };
}
