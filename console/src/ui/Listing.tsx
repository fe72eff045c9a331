/** Lists of the API: a table that is a pile of cards on a narrow screen, with its states and its pages. */
import { ChevronLeftIcon, ChevronRightIcon } from "@radix-ui/react-icons";
import { Button, Flex } from "@radix-ui/themes";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";

import { Problem } from "../api/problem";
import { isFinal } from "./final";
import { ErrorState, Loading, ProblemNote } from "./states";
import { withoutCursor } from "./useListParams";

export interface ListOf<T> {
  data: T[];
  list_metadata: { before: string | null; after: string | null };
}

export interface Column<T> {
  title: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  number?: boolean;
}

interface TableProps<T> {
  label: string;
  rows: T[];
  columns: Column<T>[];
  rowKey: (row: T) => string;
}

/** The roles are said again because `display: block` takes a table's own away. */
export function Table<T>({ label, rows, columns, rowKey }: TableProps<T>) {
  return (
    <table className="table" aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} role="columnheader" scope="col" className={column.number ? "number" : undefined}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => (
              <td key={column.title} role="cell" data-label={column.title} className={column.number ? "number" : undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface PagesProps<T> {
  query: UseQueryResult<ListOf<T>>;
  empty: ReactNode;
  onTurn?: (cursor: { after?: string; before?: string }) => void;
  children: (rows: T[]) => ReactNode;
}

/** The rows of a list, however they are shown, with the way to the next ones. */
export function Pages<T>({ query, empty, onTurn, children }: PagesProps<T>) {
  if (query.isPending) return <Loading />;
  if (query.isError && (query.isLoadingError || isFinal(query.error))) return <NoRows error={query.error} onRetry={() => void query.refetch()} />;
  const { data: rows, list_metadata: around } = query.data;
  return (
    <div aria-busy={query.isPlaceholderData}>
      <ProblemNote error={query.error} />
      {rows.length === 0 ? empty : children(rows)}
      {onTurn && (around.before ?? around.after) && (
        <Flex justify="between" mt="3">
          <Turn title="Previous" cursor={around.before} onTurn={(before) => onTurn({ before })} />
          <Turn title="Next" cursor={around.after} onTurn={(after) => onTurn({ after })} />
        </Flex>
      )}
    </div>
  );
}

/** Why there are no rows; where the address names a page that is no more, the way to the first one. */
function NoRows({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const [params] = useSearchParams();
  const isLost = error instanceof Problem && error.status === 422 && (params.has("after") || params.has("before"));
  return (
    <>
      <ErrorState error={error} onRetry={onRetry} />
      {isLost && (
        <Flex justify="center">
          <Link replace to={{ search: withoutCursor(params).toString() }}>
            Back to the first page
          </Link>
        </Flex>
      )}
    </>
  );
}

function Turn({ title, cursor, onTurn }: { title: "Previous" | "Next"; cursor: string | null; onTurn: (cursor: string) => void }) {
  return (
    <Button variant="soft" color="gray" disabled={!cursor} onClick={() => cursor && onTurn(cursor)}>
      {title === "Previous" && <ChevronLeftIcon />}
      {title}
      {title === "Next" && <ChevronRightIcon />}
    </Button>
  );
}

type ListingProps<T> = Omit<TableProps<T>, "rows"> & Omit<PagesProps<T>, "children">;

/** A list of the API as a table. */
export function Listing<T>({ query, empty, onTurn, ...table }: ListingProps<T>) {
  return (
    <Pages query={query} empty={empty} onTurn={onTurn}>
      {(rows) => <Table rows={rows} {...table} />}
    </Pages>
  );
}
