/** The record as one reads it: by day, a sentence for each act, and the rest of it on demand. */
import { Text } from "@radix-ui/themes";
import type { ReactNode } from "react";

import type { Schemas } from "../../api/client";
import { CopyText } from "../../ui/CopyText";
import { Facts } from "../../ui/Facts";
import { Name } from "../../ui/Name";
import { Owner } from "../../ui/organizations";
import { exact } from "../../ui/time";
import { browserName } from "../../ui/browserName";
import { inWords } from "./actions";

type Event = Schemas["AuditEventShape"];
type Party = Schemas["Party"];

const day = new Intl.DateTimeFormat("en", { dateStyle: "full" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });

function grouped(events: Event[]): [string, Event[]][] {
  const days = new Map<string, Event[]>();
  for (const event of events) {
    const title = day.format(new Date(event.occurred_at));
    days.set(title, [...(days.get(title) ?? []), event]);
  }
  return [...days];
}

export function Timeline({ events }: { events: Event[] }) {
  return grouped(events).map(([title, acts]) => (
    <section key={title} aria-label={title} className="section">
      <Text as="p" size="2" weight="medium" className="day">
        {title}
      </Text>
      <ol className="timeline">
        {acts.map((event) => (
          <Act key={event.id} event={event} />
        ))}
      </ol>
    </section>
  ));
}

function Act({ event }: { event: Event }) {
  const isFailure = event.action.endsWith("failed") || event.action.endsWith("refused");
  return (
    <li>
      <details>
        <summary>
          <time dateTime={event.occurred_at} title={exact(event.occurred_at)}>
            {clock.format(new Date(event.occurred_at))}
          </time>
          <span>
            <strong className={isFailure ? "failure" : undefined}>{inWords(event.action)}</strong> by <Who party={event.actor} />
            {event.targets.length > 0 && " · "}
            {event.targets.map((target, index) => (
              <span key={`${target.type}${target.id}`}>
                {index > 0 && ", "}
                <Who party={target} />
              </span>
            ))}
          </span>
        </summary>
        <More event={event} />
      </details>
    </li>
  );
}

function Who({ party }: { party: Party }) {
  if (party.name) return <Name>{party.name}</Name>;
  return <span className="muted">{party.id === "-" ? party.type : `${party.type} ${party.id.slice(0, 13)}`}</span>;
}

function More({ event }: { event: Event }) {
  const { context, metadata } = event;
  return (
    <div className="more">
      <Facts
        facts={[
          ["Action", <CopyText key="action" text={event.action} />],
          ["Who", <CopyText key="actor" text={event.actor.id} />],
          ...event.targets.map(({ type, id }): [string, ReactNode] => [`On what (${type})`, <CopyText key={id} text={id} />]),
          ["Organization", <Owner key="organization" id={event.organization_id} />],
          ["Address", context.ip],
          ["Browser", context.user_agent && <Name key="agent">{browserName(context.user_agent)}</Name>],
          ["Request", context.request_id && <CopyText key="request" text={context.request_id} />],
        ]}
      />
      {Object.keys(metadata).length > 0 && <pre className="json">{JSON.stringify(metadata, null, 2)}</pre>}
    </div>
  );
}
