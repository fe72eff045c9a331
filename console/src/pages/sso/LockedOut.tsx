/** Who could not sign in any more, why, and what to do; said before anything is saved. */
import { Badge, Button, Callout, Flex } from "@radix-ui/themes";
import { Link } from "react-router";

import { Confirm } from "../../ui/Confirm";
import { Table, type Column } from "../../ui/Listing";
import { fullName } from "../../ui/names";
import { Name } from "../../ui/Name";
import type { Left, Lockout } from "./lockout";

const REASONS: Readonly<Record<string, string>> = {
  no_identity: "Has never signed in by an active connection. Ask them to do so once.",
  foreign_domain: "Has an address of a domain that is not verified. Verify it, or let guests in.",
};

const columns: Column<Left>[] = [
  {
    title: "Person",
    cell: (row) => (
      <span className="step">
        <Link to={`/people/${row.user_id}`}>
          <Name>{fullName(row) ?? row.email ?? row.user_id}</Name>
        </Link>
        {row.administrator && <Badge color="indigo">Administrator</Badge>}
      </span>
    ),
  },
  { title: "E-mail", cell: (row) => row.email && <Name>{row.email}</Name> },
  { title: "Why", cell: (row) => row.reasons.map(({ code, detail }) => REASONS[code] ?? detail).join(" ") },
];

export function LockedOut({ lockout: { count, ofPeople, people, warnings }, onConfirm }: { lockout: Lockout; onConfirm: () => Promise<void> }) {
  const said = `${count} of ${ofPeople} people could not sign in any more.`;
  return (
    <Flex direction="column" gap="3" mt="4" role="region" aria-label="Who would be locked out">
      <Callout.Root highContrast color="red" size="1" role="alert">
        <Callout.Text>
          <strong>Nothing is saved yet.</strong> {said} {warnings.map(({ detail }) => detail).join(" ")}
        </Callout.Text>
      </Callout.Root>
      {people.length > 0 && <Table label="Who would be locked out" rows={people} columns={columns} rowKey={({ user_id }) => user_id} />}
      <div>
        <Confirm
          trigger={<Button color="red">Save all the same</Button>}
          title="Lock them out?"
          text={[said, ...warnings.map(({ detail }) => detail)].join(" ")}
          action="Save all the same"
          onConfirm={onConfirm}
        />
      </div>
    </Flex>
  );
}
