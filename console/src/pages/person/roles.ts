/** Which roles somebody may give; pure. */
import type { Schemas } from "../../api/client";
import { ROLE_NAMES } from "../../ui/names";

export type Role = Schemas["UserShape"]["manual_roles"][number];

/** Returns the roles that who holds `own` may give: ROLE_NAMES begins with the highest. */
export function grantable(own: readonly string[]): Role[] {
  const highest = ROLE_NAMES.findIndex((role) => own.includes(role));
  return highest < 0 ? [] : (ROLE_NAMES.slice(highest) as Role[]);
}
