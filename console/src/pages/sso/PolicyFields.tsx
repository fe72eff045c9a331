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
  ["enabled", "Enable single sign-on", "Whether anybody of the organization may sign in. Sessions that live go on."],
  ["required", "Require single sign-on", "It is the only way in. Who would be locked out is shown before it is saved."],
  ["allow_foreign_domains", "Let guests of other domains in", "Addresses of domains that are not verified may sign in."],
  [
    "allow_idp_initiated",
    "Allow sign-ins that begin at the identity provider",
    "From the provider’s tile; the person is asked before it goes on.",
  ],
] as const;

const PROVISIONING: readonly { value: Policy["jit_provisioning"]; title: string }[] = [
  { value: "never", title: "Nobody: people must be known before" },
  { value: "without_directory", title: "Anybody, while no directory decides" },
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
          label="Whom nobody knows yet, a sign-in creates"
          value={draft.jit_provisioning}
          options={PROVISIONING}
          onChange={(event) => set("jit_provisioning", event.target.value as Policy["jit_provisioning"])}
        />
        <Choice
          label="Default role"
          hint="Of people whom no role rule matches. Everybody who has the old one follows."
          value={draft.default_role}
          options={[...new Set([...roles, draft.default_role])].map((role) => ({ value: role, title: roleName(role) }))}
          onChange={(event) => set("default_role", event.target.value as Policy["default_role"])}
        />
        <CheckField
          label="Erase the data of removed people"
          hint="Of whom the directory removes from then on."
          checked={draft.hard_delete_removed_users}
          onChange={(isOn) => set("hard_delete_removed_users", isOn)}
        />
      </Group>
      <Group title="How long a session lasts">
        <Choice
          label="Without being used"
          hint="Shorter counts at once, longer from the next sign-in."
          value={String(draft.session_idle_seconds)}
          options={spans("idle", draft.session_idle_seconds)}
          onChange={(event) => set("session_idle_seconds", Number(event.target.value))}
        />
        <Choice
          label="At most"
          hint="Administrators: twelve hours, whatever is chosen."
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
      hint="Which one is taken where there are several active ones."
      value={draft.default_connection ?? ""}
      options={[{ value: "", title: "None" }, ...offered.map(({ id, name }) => ({ value: id, title: name }))]}
      onChange={(event) => onChange(event.target.value || null)}
    />
  );
}
