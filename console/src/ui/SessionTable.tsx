/** Live sessions of one person, each with a way to end it. */
import { Badge, Button } from "@radix-ui/themes";
import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../api/client";
import { Confirm } from "./Confirm";
import { Listing, type Column, type ListOf } from "./Listing";
import { Name } from "./Name";
import { Empty } from "./states";
import { Time } from "./Time";
import { browserName } from "./browserName";

type ListedSession = Schemas["ListedSession"];

interface SessionTableProps {
  label: string;
  query: UseQueryResult<ListOf<ListedSession>>;
  onEnd?: (id: string, isThisOne: boolean) => Promise<void>;
}

export function SessionTable({ label, query, onEnd }: SessionTableProps) {
  const columns: Column<ListedSession>[] = [
    {
      title: "Browser",
      cell: (row) => (
        <span title={row.user_agent ?? undefined}>
          <Name>{browserName(row.user_agent)}</Name> {row.current && <Badge color="green">this one</Badge>}
        </span>
      ),
    },
    { title: "Address", cell: (row) => row.ip ?? "–" },
    { title: "Signed in", cell: (row) => <Time at={row.auth_time} /> },
    { title: "Last seen", cell: (row) => <Time at={row.last_seen_at} /> },
    { title: "Ends", cell: (row) => <Time at={row.expires_at} /> },
  ];
  if (onEnd) columns.push({ title: "Action", cell: (row) => <End session={row} onEnd={onEnd} /> });
  return <Listing label={label} query={query} columns={columns} rowKey={(row) => row.id} empty={<Empty small title="No live session." />} />;
}

function End({ session, onEnd }: { session: ListedSession; onEnd: NonNullable<SessionTableProps["onEnd"]> }) {
  return (
    <Confirm
      trigger={
        <Button size="1" variant="soft" color="red">
          End
        </Button>
      }
      title="End this session?"
      text={session.current ? "This is the session you are using: you will be signed out." : "That browser is signed out at once."}
      action="End session"
      onConfirm={() => onEnd(session.id, session.current)}
    />
  );
}
