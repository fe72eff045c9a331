/** Up to when everything that WorkOS tells has been applied, and what holds that back. */
import { Callout, Text } from "@radix-ui/themes";

import type { Schemas } from "../../api/client";
import { Table, type Column } from "../../ui/Listing";
import { State } from "../../ui/State";
import { Time } from "../../ui/Time";
import { standingOf } from "./standing";

type Told = Schemas["WebhookCompleteness"];
const SHOWN = 5;

const columns: Column<Told["waiting"][number]>[] = [
  { title: "Event", cell: (row) => row.event },
  { title: "Status", cell: (row) => <State word={row.status} /> },
  { title: "Occurred", cell: (row) => <Time at={row.occurred_at} none="not said" /> },
  { title: "Why", cell: (row) => row.reason },
];

export function Completeness({ told, error }: { told: Told; error: Error | null }) {
  const { color, isEnd } = standingOf(told, error !== null);
  return (
    <section aria-label="Completeness" className="section">
      <Callout.Root highContrast color={color} size="1">
        <Callout.Text>
          {told.complete_through ? (
            <>
              Everything that WorkOS told until <Time at={told.complete_through} /> is applied.
            </>
          ) : (
            "Up to when everything is applied is not known."
          )}{" "}
          {isEnd && "Whether anything after that is missing is not known. "}
          {error ? "It could not be read anew just now." : told.reason}
          {told.waiting_count > 0 && ` ${told.waiting_count} waiting.`}
          {told.healed_count > 0 && ` ${told.healed_count} of the last 24 hours came by WorkOS’s list and not by a webhook.`}
        </Callout.Text>
      </Callout.Root>
      {told.waiting.length > 0 && (
        <>
          <Text as="p" size="2" weight="medium" mt="3" mb="1">
            Not applied yet
          </Text>
          <Table label="Not applied yet" rows={told.waiting.slice(0, SHOWN)} columns={columns} rowKey={(row) => row.event_id} />
        </>
      )}
    </section>
  );
}
