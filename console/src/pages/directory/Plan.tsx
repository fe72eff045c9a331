/** A plan as a readable diff: who comes, who goes, whose role changes. */
import { ArrowRightIcon } from "@radix-ui/react-icons";
import { Badge, Button, Text } from "@radix-ui/themes";
import { useState } from "react";
import { Link } from "react-router";

import { Table, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { roleName } from "../../ui/names";
import { Section } from "../../ui/Section";
import { counted, number, type Counts, type PlanEntry } from "./runs";

const AT_A_TIME = 50;
const ACTIONS = {
  deactivate: { sign: "−", title: "Lose access", color: "red", text: "Deactivated; their sessions end." },
  update: { sign: "±", title: "Role changes", color: "amber", text: "They stay, with another role." },
  reactivate: { sign: "+", title: "Come back", color: "green", text: "Active again." },
  create: { sign: "+", title: "New people", color: "green", text: "Known here from now on." },
} as const;

export function Plan({ entries }: { entries: PlanEntry[] }) {
  if (entries.length === 0)
    return (
      <Section title="People">
        <Text as="p" size="2">
          Nobody’s access changes.
        </Text>
      </Section>
    );
  return (Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]).map((action) => (
    <Part key={action} action={action} entries={entries.filter((entry) => entry.action === action)} />
  ));
}

function Part({ action, entries }: { action: keyof typeof ACTIONS; entries: PlanEntry[] }) {
  const [shown, setShown] = useState(AT_A_TIME);
  if (entries.length === 0) return null;
  const { sign, title, color, text } = ACTIONS[action];
  const columns: Column<PlanEntry>[] = [
    {
      title: "Person",
      cell: (entry) => (
        <>
          <Badge color={color} aria-hidden>
            {sign}
          </Badge>{" "}
          <Who entry={entry} isNew={action === "create"} />
        </>
      ),
    },
    { title: "Role", cell: (entry) => <RoleStep entry={entry} /> },
    { title: "Sessions that end", cell: (entry) => entry.sessions ?? 0, number: true },
  ];
  return (
    <Section title={`${title}: ${number.format(entries.length)}`} text={text}>
      <Table label={title} rows={entries.slice(0, shown)} columns={columns} rowKey={({ user_id }) => user_id} />
      {entries.length > shown && (
        <Button variant="soft" color="gray" mt="3" onClick={() => setShown(shown + AT_A_TIME)}>
          Show {Math.min(AT_A_TIME, entries.length - shown)} more
        </Button>
      )}
    </Section>
  );
}

function Who({ entry, isNew }: { entry: PlanEntry; isNew: boolean }) {
  const name = <Name>{entry.email ?? entry.workos_id ?? entry.user_id}</Name>;
  return isNew ? name : <Link to={`/people/${entry.user_id}`}>{name}</Link>;
}

function RoleStep({ entry: { action, role } }: { entry: PlanEntry }) {
  if (action === "create") return <>{role ? roleName(role.after) : "the default role"}</>;
  if (!role) return <>as before</>;
  return (
    <span className="step">
      {roleName(role.before)} <ArrowRightIcon aria-label="becomes" /> {roleName(role.after)}
    </span>
  );
}

export function Changes({ counts, isPlan }: { counts: Counts; isPlan: boolean }) {
  const { users, groups, memberships } = counts;
  const n = (count: number) => number.format(count);
  const lines = [
    `${counted(users.created, "person", "people")} new, ${n(users.updated)} changed, ${n(users.deactivated)} deactivated, ${n(users.deleted)} erased, ${n(users.unchanged)} as before`,
    `${counted(groups.created, "group", "groups")} new, ${n(groups.updated)} changed, ${n(groups.deleted)} gone, ${n(groups.unchanged)} as before`,
    `${counted(memberships.added, "membership", "memberships")} more, ${n(memberships.removed)} fewer`,
    `${counted(counts.roles_changed, "role", "roles")} changed, ${counted(counts.sessions_ended, "session", "sessions")} ended`,
  ];
  return (
    <Section title={isPlan ? "What would change" : "What changed"}>
      <ul className="plain">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Section>
  );
}
