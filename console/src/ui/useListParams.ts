/** Filters and cursor of a list, kept in the address so that a link shows the same rows. */
import { useSearchParams } from "react-router";

export interface ListParams<F extends string> {
  filters: Record<F, string | undefined>;
  cursor: { after?: string; before?: string };
  isFiltered: boolean;
  set: (name: F, value: string) => void;
  turn: (cursor: { after?: string; before?: string }) => void;
  clear: () => void;
}

/** Returns the parameters of a list's first page: another filter or page makes a cursor meaningless. */
export function withoutCursor(params: URLSearchParams): URLSearchParams {
  const first = new URLSearchParams(params);
  first.delete("after");
  first.delete("before");
  return first;
}

export function useListParams<F extends string>(names: readonly F[]): ListParams<F> {
  const [params, setParams] = useSearchParams();
  const filters = Object.fromEntries(names.map((name) => [name, params.get(name) ?? undefined])) as ListParams<F>["filters"];
  const change = (edit: (next: URLSearchParams) => void, replace = true) =>
    setParams(
      (before) => {
        const next = withoutCursor(before);
        edit(next);
        return next;
      },
      { replace },
    );
  return {
    filters,
    cursor: { after: params.get("after") ?? undefined, before: params.get("before") ?? undefined },
    isFiltered: names.some((name) => params.has(name)),
    set: (name, value) => change((next) => (value ? next.set(name, value) : next.delete(name))),
    // A page turned is a step of its own: without it, Back from the third page leaves the list.
    turn: (cursor) => change((next) => Object.entries(cursor).forEach(([name, value]) => value && next.set(name, value)), false),
    clear: () => change((next) => names.forEach((name) => next.delete(name))),
  };
}

/**
 * Returns the query of a list. Its values come out of the address, where anybody may have written them: the API judges
 * them, and no type could. `never` fits wherever the API's types want a query.
 */
export function queryOf({ filters, cursor }: Pick<ListParams<string>, "filters" | "cursor">): never {
  return { ...filters, ...cursor } as never;
}
