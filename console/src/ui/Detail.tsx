/** A page about one thing: what is shown until it is there, and when it is not. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Problem } from "../api/problem";
import { ErrorState, Loading, ProblemNote } from "./states";

export function Detail<T>({ query, children }: { query: UseQueryResult<T>; children: (thing: T) => ReactNode }) {
  const again = () => void query.refetch();
  if (query.isPending) return <Loading />;
  if (query.isLoadingError) return <ErrorState error={query.error} onRetry={again} />;
  // The API has judged: the thing is gone, or not for this person any more.
  if (query.error instanceof Problem && query.error.status < 500) return <ErrorState error={query.error} onRetry={again} />;
  // What was read stays while the gateway is away, and with it what was typed into it.
  return (
    <>
      <ProblemNote error={query.error} />
      {children(query.data)}
    </>
  );
}
