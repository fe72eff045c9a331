/** How many events came when, and how long each took from WorkOS to being applied. */
import { useQuery } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { BarChart, span } from "../../ui/BarChart";
import { bucketed, median, spikes } from "../../ui/buckets";
import { allOf } from "../../ui/pagesOf";
import { lasting } from "../../ui/time";
import { useNow } from "../../ui/Time";

type Event = Schemas["WebhookEventShape"];
const EVERY_MS = 30_000;

/** Returns the seconds from the event to its being applied; null while it is not, or where WorkOS said no instant. */
export function lagOf({ occurred_at: occurred, done_at: done }: Pick<Event, "occurred_at" | "done_at">): number | null {
  return occurred && done ? Math.max(0, (Date.parse(done) - Date.parse(occurred)) / 1000) : null;
}

export function Arrivals() {
  const now = useNow();
  const events = useQuery({
    queryKey: ["webhooks", "chart"],
    queryFn: () => allOf((after) => answer(api.GET("/api/webhooks/events", { params: { query: { limit: 100, after } } })), 3),
    refetchInterval: EVERY_MS,
  });
  if (!events.data || events.data.rows.length === 0) return null;
  const buckets = bucketed(events.data.rows, (event) => Date.parse(event.received_at), now);
  const marked = spikes(buckets.map(({ items }) => items.length));
  const lags = buckets.map(({ items }) => median(items.map(lagOf).filter((lag) => lag !== null)) ?? 0);
  return (
    <div className="charts">
      <BarChart
        label={`Arrivals of the newest ${events.data.rows.length} events`}
        highest={String(Math.max(...buckets.map(({ items }) => items.length)))}
        bars={buckets.map(({ from, to, items }, index) => ({
          from,
          value: items.length,
          title: `${span(from, to)}: ${items.length} events`,
          marked: marked[index],
        }))}
      />
      <BarChart
        label="Time from WorkOS to applied, median"
        highest={lasting(Math.max(...lags))}
        bars={buckets.map(({ from, to }, index) => ({
          from,
          value: lags[index] ?? 0,
          title: `${span(from, to)}: ${lasting(lags[index] ?? 0)}`,
        }))}
      />
    </div>
  );
}
