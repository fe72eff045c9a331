/** A list of the API, read with its filters and cursor; the rows of before stay until the new ones are there. */
import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

interface ListOptions<T> {
  /** Milliseconds between readings, where things move. */
  every?: (rows: T | undefined) => number;
}

export function useList<T>(key: readonly unknown[], read: () => Promise<T>, { every }: ListOptions<T> = {}): UseQueryResult<T> {
  return useQuery({
    queryKey: key,
    queryFn: read,
    placeholderData: keepPreviousData,
    refetchInterval: every ? (query) => every(query.state.data) : false,
  });
}
