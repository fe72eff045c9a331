/** A page about one thing: what is shown until it is there, and when it is not. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorState, Loading } from "./states";

export function Detail<T>({ query, children }: { query: UseQueryResult<T>; children: (thing: T) => ReactNode }) {
  if (query.isPending) return <Loading />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return children(query.data);
}
