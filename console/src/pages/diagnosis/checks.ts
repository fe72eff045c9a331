/** What is looked at in a diagnosis: its words, and where in the console it is mended; pure. */
import type { Schemas } from "../../api/client";

type CheckName = Schemas["DiagnosisShape"]["checks"][number]["name"];

export const CHECKS: Readonly<Record<CheckName, string>> = {
  settings: "MemberPulse’s connection to WorkOS",
  workos: "WorkOS itself",
  organization: "Organization",
  policy: "Policy",
  connection: "SSO connection",
  certificate: "Certificate",
  returning: "Browsers come back from WorkOS",
  domain: "Domain of the address",
  mapping: "Attributes",
  directory: "Directory",
  account: "Account",
  attempts: "Last attempt",
  sessions: "Sessions",
};

export const STEPS: Readonly<Record<string, string>> = {
  redirect: "Sent to WorkOS",
  callback: "Back from WorkOS",
  code: "Code",
  profile: "Identity provider",
  attributes: "Attributes",
  access: "Let in",
  roles: "Role",
  session: "Session",
};

export interface Fix {
  to: string;
  title: string;
  permission: string;
}

/** Returns where a check is mended, of this organization and address; null where that is not in the console. */
export function fixOf(check: string, organization: string | undefined, email: string): Fix | null {
  if (!organization) return null;
  const of = `?organization=${organization}`;
  const fixes: Readonly<Partial<Record<string, Fix>>> = {
    settings: { to: "/settings/workos", title: "Open the settings", permission: "settings:read" },
    workos: { to: "/health", title: "Open the health page", permission: "status:read" },
    organization: { to: `/organizations/${organization}`, title: "Open the organization", permission: "organizations:manage" },
    policy: { to: `/sso${of}`, title: "Open the policy", permission: "sso:configure" },
    connection: { to: `/connections${of}`, title: "Open the connections", permission: "connections:read" },
    certificate: { to: `/connections${of}`, title: "Open the connections", permission: "connections:read" },
    returning: { to: `/connections${of}`, title: "Test the connection", permission: "sso:configure" },
    domain: { to: `/organizations/${organization}`, title: "Open the organization", permission: "portal:link" },
    mapping: { to: `/attributes${of}`, title: "Open the attributes", permission: "sso:configure" },
    directory: { to: `/directories${of}`, title: "Open the directories", permission: "directories:read" },
    account: { to: `/people${of}&search=${encodeURIComponent(email)}`, title: "Open the person", permission: "users:read" },
  };
  return fixes[check] ?? null;
}
