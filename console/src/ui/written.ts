/** What a write answered becomes what is shown. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Shows what was written. Without the first line, a reading that began before the write puts the old version back after it. */
export async function written(queries: QueryClient, queryKey: QueryKey, answered: unknown): Promise<void> {
  await queries.cancelQueries({ queryKey, exact: true });
  queries.setQueryData(queryKey, answered);
}
