/** One event of WorkOS: when it came, how often it failed and why, and once more. What it says, nobody may read here. */
import { ReloadIcon } from "@radix-ui/react-icons";
import { Button, Callout } from "@radix-ui/themes";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { OrganizationLink } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { lasting } from "../ui/time";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";
import { lagOf } from "./webhooks/Arrivals";

type Event = Schemas["WebhookEventShape"];
const WAITING = new Set(["pending", "parked"]);
const EVERY_MS = 2_000;
const UNSHOWN = "What the event says is data of people and is shown to nobody here.";
const ELSEWHERE = "The WorkOS Dashboard shows it under its event id.";

export function Page() {
  const { id = "" } = useParams();
  const event = useQuery({
    queryKey: ["webhook", id],
    queryFn: () => answer(api.GET("/api/webhooks/events/{event_id}", { params: { path: { event_id: id } } })),
    refetchInterval: ({ state }) => (state.data && WAITING.has(state.data.status) ? EVERY_MS : false),
  });
  return <Detail query={event}>{(found) => <EventPage event={found} />}</Detail>;
}

function EventPage({ event }: { event: Event }) {
  const { can, isPlatform } = useMe();
  const lag = lagOf(event);
  return (
    <>
      <PageHeader
        title={event.event}
        above={{ to: "/webhooks", title: "Webhooks" }}
        actions={can("webhooks:replay") && event.status !== "pending" && <Replay event={event} />}
      >
        <State word={event.status} />
      </PageHeader>
      {event.last_error && (
        <Callout.Root highContrast color={event.status === "dead" ? "red" : "amber"} mb="4">
          <Callout.Text>{event.last_error}</Callout.Text>
        </Callout.Root>
      )}
      <Section title="What became of it" text={isPlatform ? `${UNSHOWN} ${ELSEWHERE}` : UNSHOWN}>
        <Facts
          facts={[
            ["Occurred at WorkOS", <Time key="occurred" at={event.occurred_at} none="not said" />],
            ["Received", <Time key="received" at={event.received_at} />],
            ["Applied", <Time key="done" at={event.done_at} none="not yet" />],
            ["From WorkOS to applied", lag === null ? null : lasting(lag)],
            ["Attempts", event.attempts],
            ["Came by", event.source.replace("_", " ")],
            ["Organization", event.organization_id && <OrganizationLink key="organization" id={event.organization_id} />],
            ["Event id", <CopyText key="event" text={event.event_id} />],
            ["Id", <CopyText key="id" text={event.id} />],
          ]}
        />
      </Section>
    </>
  );
}

function Replay({ event }: { event: Event }) {
  const queries = useQueryClient();
  const replay = async () => {
    await answer(api.POST("/api/webhooks/events/{event_id}/replay", { params: { path: { event_id: event.id } } }));
    await queries.invalidateQueries({ queryKey: ["webhook", event.id] });
    notify("It is applied once more.");
  };
  return (
    <Confirm
      trigger={
        <Button variant="soft">
          <ReloadIcon /> Replay
        </Button>
      }
      title="Apply this event once more?"
      text="It is put before the worker again. What is newer stays as it is."
      action="Replay"
      danger={false}
      onConfirm={replay}
    />
  );
}
