/** The fields of the policy, each with what it means. */
import { Flex } from "@radix-ui/themes";
import type { ReactNode } from "react";

import { useMe } from "../../session/useSession";
import { CheckField } from "../../ui/CheckField";
import { Choice } from "../../ui/Choice";
import { roleName } from "../../ui/names";
import { grantable } from "../person/roles";
import { useConnections } from "./connections";
import { spans, type Policy } from "./policy";

const SWITCHES = [
  ["enabled", "Enable single sign-on", "Whether people of the organization may sign in. Whoever is signed in stays signed in."],
  ["required", "Require single sign-on", "It becomes the only way in. Before anything is saved you see who would be locked out."],
  ["allow_foreign_domains", "Let guests of other domains in", "Addresses of domains that are not verified may sign in."],
  [
    "allow_idp_initiated",
    "Allow sign-ins that begin at the identity provider",
    "For example from the provider’s tile. The person is asked to confirm first.",
  ],
] as const;

const PROVISIONING: readonly { value: Policy["jit_provisioning"]; title: string }[] = [
  { value: "never", title: "Nobody: people must be added first" },
  { value: "without_directory", title: "Anybody, unless a directory decides" },
  { value: "always", title: "Anybody" },
];

export function PolicyFields({ draft, onChange }: { draft: Policy; onChange: (next: Policy) => void }) {
  const { session } = useMe();
  const roles = grantable(session.roles).filter((role) => role !== "ROLE_PLATFORM_ADMIN");
  const set = <F extends keyof Policy>(name: F, value: Policy[F]) => onChange({ ...draft, [name]: value });
  return (
    <div className="policy">
      <Group title="Who may sign in">
        {SWITCHES.map(([name, label, hint]) => (
          <CheckField key={name} label={label} hint={hint} checked={draft[name]} onChange={(isOn) => set(name, isOn)} />
        ))}
        <DefaultConnection draft={draft} onChange={(id) => set("default_connection", id)} />
      </Group>
      <Group title="Who they are here">
        <Choice
          label="Who is added at their first sign-in"
          value={draft.jit_provisioning}
          options={PROVISIONING}
          onChange={(event) => set("jit_provisioning", event.target.value as Policy["jit_provisioning"])}
        />
        <Choice
          label="Default role"
          hint="For people whom no role rule matches. Everybody who has the old default role gets the new one."
          value={draft.default_role}
          options={[...new Set([...roles, draft.default_role])].map((role) => ({ value: role, title: roleName(role) }))}
          onChange={(event) => set("default_role", event.target.value as Policy["default_role"])}
        />
        <CheckField
          label="Erase the data of removed people"
          hint="Applies to people whom the directory removes from then on."
          checked={draft.hard_delete_removed_users}
          onChange={(isOn) => set("hard_delete_removed_users", isOn)}
        />
      </Group>
      <Group title="How long a session lasts">
        <Choice
          label="Sign out when unused for"
          hint="A shorter time counts at once, a longer one from the next sign-in."
          value={String(draft.session_idle_seconds)}
          options={spans("idle", draft.session_idle_seconds)}
          onChange={(event) => set("session_idle_seconds", Number(event.target.value))}
        />
        <Choice
          label="Sign out in any case after"
          hint="Administrators are signed out after twelve hours at the latest."
          value={String(draft.session_absolute_seconds)}
          options={spans("absolute", draft.session_absolute_seconds)}
          onChange={(event) => set("session_absolute_seconds", Number(event.target.value))}
        />
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="fields">
      <legend className="label">{title}</legend>
      <Flex direction="column" gap="4">
        {children}
      </Flex>
    </fieldset>
  );
}

function DefaultConnection({ draft, onChange }: { draft: Policy; onChange: (id: string | null) => void }) {
  const connections = useConnections(draft.organization_id).data?.data ?? [];
  const offered = connections.filter(({ id, state }) => state === "active" || id === draft.default_connection);
  return (
    <Choice
      label="Default connection"
      hint="Used when several connections are active."
      value={draft.default_connection ?? ""}
      options={[{ value: "", title: "None" }, ...offered.map(({ id, name }) => ({ value: id, title: name }))]}
      onChange={(event) => onChange(event.target.value || null)}
    />
  );
}
