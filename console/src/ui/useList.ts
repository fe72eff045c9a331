/** A list of the API, read with its filters and cursor; the rows of before stay until the new ones are there. */
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { pace } from "./pace";

interface ListOptions<T> {
  /** Milliseconds between readings, where things move. */
  every?: (rows: T | undefined) => number;
}

export function useList<T>(key: readonly unknown[], read: () => Promise<T>, { every }: ListOptions<T> = {}): UseQueryResult<T> {
  return useQuery({
    queryKey: key,
    queryFn: read,
    placeholderData: keepPreviousData,
    refetchInterval: every ? ({ state }) => pace(state.error, every(state.data)) : false,
  });
}
