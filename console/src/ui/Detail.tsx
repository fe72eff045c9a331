/** A page about one thing: what is shown until it is there, and when it is not. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { isFinal } from "./final";
import { ErrorState, Loading, ProblemNote } from "./states";

export function Detail<T>({ query, children }: { query: UseQueryResult<T>; children: (thing: T) => ReactNode }) {
  const again = () => void query.refetch();
  if (query.isPending) return <Loading />;
  if (query.isError && (query.isLoadingError || isFinal(query.error))) return <ErrorState error={query.error} onRetry={again} />;
  return (
    <>
      <ProblemNote error={query.error} />
      {children(query.data)}
    </>
  );
}
