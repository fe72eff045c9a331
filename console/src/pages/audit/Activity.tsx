/** How much happened when, under the same filters; what stands out is marked. */
import { Text } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { BarChart, span } from "../../ui/BarChart";
import { bucketed, spikes } from "../../ui/buckets";
import { allOf } from "../../ui/pagesOf";
import { useNow } from "../../ui/Time";

const PAGES = 5;
const LONG_MS = 60_000;

export function Activity({ filters }: { filters: Record<string, string | undefined> }) {
  const now = useNow();
  const events = useQuery({
    queryKey: ["audit", "chart", filters],
    queryFn: () =>
      allOf((after) => answer(api.GET("/api/audit/events", { params: { query: { ...filters, limit: 100, after } } })), PAGES),
    staleTime: LONG_MS,
  });
  const rows = events.data?.rows ?? [];
  if (rows.length === 0) return null;
  const buckets = bucketed(rows, ({ occurred_at }) => Date.parse(occurred_at), now);
  const marked = spikes(buckets.map(({ items }) => items.length));
  const unusual = buckets.filter((_, index) => marked[index]);
  const label = events.data?.isCut ? `Activity: the newest ${rows.length} acts` : `Activity: ${rows.length} acts`;
  return (
    <div className="charts">
      <BarChart
        label={marked.includes(true) ? `${label}, unusual peaks marked` : label}
        highest={String(Math.max(...buckets.map(({ items }) => items.length)))}
        bars={buckets.map(({ from, to, items }, index) => ({
          from,
          value: items.length,
          title: `${span(from, to)}: ${items.length} acts${marked[index] ? ", unusual" : ""}`,
          marked: marked[index],
        }))}
      />
      {unusual.length > 0 && (
        <Text as="p" size="2">
          <strong>Unusual:</strong>{" "}
          {unusual.map(({ from, to, items }) => `${items.length} acts, ${span(from, to)}`).join("; ")}
        </Text>
      )}
    </div>
  );
}
