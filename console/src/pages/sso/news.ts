/** What WorkOS told of an organization's connections since somebody came to a page. */
import type { Schemas } from "../../api/client";

export type Seen = Pick<Schemas["ConnectionShape"], "id" | "name" | "state" | "updated_at" | "certificate_expires_at">;

/** Returns the connections that can be used now and were not there, or were different, before. */
export function newsOf(before: readonly Seen[], now: readonly Seen[]): readonly Seen[] {
  const known = new Map(before.map((one) => [one.id, told(one)]));
  return now.filter((one) => one.state === "active" && known.get(one.id) !== told(one));
}

/** Returns what a set-up changes; sign-ins and tests change other fields. */
function told(one: Seen): string {
  return [one.state, one.updated_at, one.certificate_expires_at].join(" ");
}
