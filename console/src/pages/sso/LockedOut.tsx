/** Who could not sign in any more and why, and apart from them who has not tried yet; said before anything is saved. */
import { Badge, Button, Callout, Flex, Heading } from "@radix-ui/themes";
import { Link } from "react-router";

import { Confirm } from "../../ui/Confirm";
import { Table, type Column } from "../../ui/Listing";
import { fullName } from "../../ui/names";
import { Name } from "../../ui/Name";
import { consequences, type Left, type Lockout } from "./lockout";

const REASONS: Readonly<Record<string, string>> = {
  no_connection: "No connection is active. Set one up first.",
  foreign_domain: "Their address is in a domain that is not verified. Verify it, or let guests in.",
  not_provisioned: "The directory that knew them is gone. Connect a directory, or let a sign-in add people.",
  not_recognised: "A sign-in would not recognise them by their address. Verify its domain, or let a sign-in add people.",
  contested_domain:
    "Nobody is recognised or added by an address of their domain. Let MemberPulse support look at the domain.",
  shared_address: "Somebody else has the same address. Take it from all but one of them.",
  no_identity: "Not seen to sign in by single sign-on yet. Ask them to try it once.",
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

export function LockedOut({ lockout, onConfirm }: { lockout: Lockout; onConfirm: () => Promise<void> }) {
  const said = consequences(lockout);
  const isHard = lockout.lockedOut.count > 0;
  return (
    <Flex direction="column" gap="3" mt="4" role="region" aria-label="Before it is the only way in">
      <Callout.Root highContrast color={isHard ? "red" : "amber"} size="1" role="alert">
        <Callout.Text>
          <strong>Nothing is saved yet.</strong> {said.join(" ")}
        </Callout.Text>
      </Callout.Root>
      <People title="Who would be locked out" people={lockout.lockedOut.people} />
      <People title="Who has not signed in by single sign-on yet" people={lockout.notSeenYet.people} />
      <div>
        <Confirm
          trigger={<Button color={isHard ? "red" : undefined}>Save all the same</Button>}
          title={isHard ? "Lock them out?" : "Make single sign-on the only way in?"}
          text={said.join(" ")}
          action="Save all the same"
          danger={isHard}
          onConfirm={onConfirm}
        />
      </div>
    </Flex>
  );
}

function People({ title, people }: { title: string; people: Left[] }) {
  if (people.length === 0) return null;
  return (
    <section aria-label={title}>
      <Heading as="h3" size="2" mb="2">
        {title}
      </Heading>
      <Table label={title} rows={people} columns={columns} rowKey={({ user_id }) => user_id} />
    </section>
  );
}
