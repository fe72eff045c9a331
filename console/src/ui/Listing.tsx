/** A list of the API as a table that is a pile of cards on a narrow screen, with its states and its pages. */
import { ChevronLeftIcon, ChevronRightIcon } from "@radix-ui/react-icons";
import { Button, Flex } from "@radix-ui/themes";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ErrorState, Loading } from "./states";

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

interface ListingProps<T> extends Omit<TableProps<T>, "rows"> {
  query: UseQueryResult<ListOf<T>>;
  empty: ReactNode;
  onTurn?: (cursor: { after?: string; before?: string }) => void;
}

export function Listing<T>({ query, empty, onTurn, ...table }: ListingProps<T>) {
  if (query.isPending) return <Loading />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const { data: rows, list_metadata: around } = query.data;
  if (rows.length === 0) return empty;
  return (
    <div aria-busy={query.isPlaceholderData}>
      <Table rows={rows} {...table} />
      {onTurn && (around.before ?? around.after) && (
        <Flex justify="between" mt="3">
          <Button
            variant="soft"
            color="gray"
            disabled={!around.before}
            onClick={() => around.before && onTurn({ before: around.before })}
          >
            <ChevronLeftIcon /> Previous
          </Button>
          <Button
            variant="soft"
            color="gray"
            disabled={!around.after}
            onClick={() => around.after && onTurn({ after: around.after })}
          >
            Next <ChevronRightIcon />
          </Button>
        </Flex>
      )}
    </div>
  );
}
