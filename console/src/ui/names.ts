/** How people are called. */
export interface Named {
  first_name?: string | null;
  last_name?: string | null;
  email?: string | null;
}

/** Returns the person's name, or null where none is known. */
export function fullName(person: Named): string | null {
  const name = [person.first_name, person.last_name].filter(Boolean).join(" ").trim();
  return name === "" ? null : name;
}

const ROLES: Readonly<Record<string, string>> = {
  ROLE_PLATFORM_ADMIN: "Platform admin",
  ROLE_CLIENT_ADMIN: "Client admin",
  ROLE_CLIENT_USER: "Client user",
  ROLE_MEMBER: "Member",
};

export const ROLE_NAMES = Object.keys(ROLES);

/** Returns a role in words. */
export function roleName(role: string): string {
  return ROLES[role] ?? role;
}

/** Returns who says whether a person is let in. */
export function managerName(manager: "directory" | "sso" | null): string {
  if (manager === null) return "nobody";
  return manager === "sso" ? "single sign-on" : "directory";
}
