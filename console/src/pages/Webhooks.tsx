/** Webhooks: what WorkOS told us, what became of it, and whether anything is missing. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { ChoiceFilter, Filters, optionsOf } from "../ui/Filters";
import { Listing, type Column } from "../ui/Listing";
import { useOrganizationColumn } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { State } from "../ui/State";
import { Empty, ProblemNote } from "../ui/states";
import { Time } from "../ui/Time";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";
import { Arrivals } from "./webhooks/Arrivals";
import { Completeness } from "./webhooks/Completeness";

type Event = Schemas["WebhookEventShape"];
const STATUSES = ["pending", "done", "skipped", "parked", "dead"] as const;
const EVENTS = [
  "dsync.user.created",
  "dsync.user.updated",
  "dsync.user.deleted",
  "dsync.group.created",
  "dsync.group.updated",
  "dsync.group.deleted",
  "dsync.group.user_added",
  "dsync.group.user_removed",
  "dsync.activated",
  "dsync.deleted",
  "connection.activated",
  "connection.deactivated",
  "connection.deleted",
  "organization.updated",
  "organization.deleted",
] as const;
const EVERY_MS = 5_000;

export function Page() {
  const params = useListParams(["status", "event"] as const);
  const { filters, cursor } = params;
  const query = useList(
    ["webhooks", filters, cursor],
    () => answer(api.GET("/api/webhooks/events", { params: { query: queryOf(params) } })),
    { every: () => EVERY_MS },
  );
  const columns: Column<Event>[] = [
    { title: "Event", cell: (row) => <Link to={`/webhooks/${row.id}`}>{row.event}</Link> },
    ...useOrganizationColumn<Event>(),
    { title: "Status", cell: (row) => <State word={row.status} /> },
    { title: "Attempts", cell: (row) => row.attempts, number: true },
    { title: "Came by", cell: (row) => row.source.replace("_", " ") },
    { title: "Occurred", cell: (row) => <Time at={row.occurred_at} none="not said" /> },
    { title: "Received", cell: (row) => <Time at={row.received_at} /> },
  ];
  return (
    <>
      <PageHeader title="Webhooks">What WorkOS told us, and what became of it.</PageHeader>
      <CompletenessOrNothing />
      <Arrivals />
      <Filters params={params}>
        <ChoiceFilter params={params} name="status" label="Status" options={optionsOf(STATUSES)} />
        <ChoiceFilter params={params} name="event" label="Event" options={EVENTS.map((value) => ({ value, title: value }))} />
      </Filters>
      <Listing
        label="Events"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          params.isFiltered ? (
            <Empty title="No event matches the filters.">Clear the filters to see all of them.</Empty>
          ) : (
            <Empty title="No event has come yet.">
              Check the endpoint’s address and secret in the WorkOS Dashboard, and that a firewall lets WorkOS in.
            </Empty>
          )
        }
      />
    </>
  );
}

function CompletenessOrNothing() {
  const found = useQuery({
    queryKey: ["webhooks", "completeness"],
    queryFn: () => answer(api.GET("/api/webhooks/completeness")),
    refetchInterval: EVERY_MS,
  });
  // Without a word about it, no banner looks like nothing missing.
  return found.data ? <Completeness told={found.data} error={found.error} /> : <ProblemNote error={found.error} />;
}
