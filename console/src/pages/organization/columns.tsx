/** The columns of a list of organizations: what a client user is not told has none. */
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { CopyText } from "../../ui/CopyText";
import type { Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { State } from "../../ui/State";
import { Time } from "../../ui/Time";

type Known = Schemas["OrganizationShape"];
export type Row = Known | Schemas["OrganizationName"];

const ALL: Column<Row>[] = [
  { title: "Name", cell: (row) => <Link to={`/organizations/${row.id}`}>{<Name>{row.name}</Name>}</Link> },
  { title: "Domains", cell: (row) => row.domains.map(({ domain }) => domain).join(", ") || "–" },
];
const ADMINISTRATORS: Column<Known>[] = [
  { title: "State", cell: (row) => <State word={row.state} /> },
  { title: "WorkOS id", cell: (row) => (row.workos_id ? <CopyText text={row.workos_id} /> : "not linked") },
  { title: "Since", cell: (row) => <Time at={row.created_at} /> },
];

function isKnown(row: Row): row is Known {
  return "state" in row;
}

/** Returns the columns that these rows have something for: “not linked” would be a lie where the answer is silent about it. */
export function columnsFor(rows: readonly Row[]): Column<Row>[] {
  if (!rows.every(isKnown)) return ALL;
  return [...ALL, ...ADMINISTRATORS.map(({ cell, ...column }) => ({ ...column, cell: (row: Row) => isKnown(row) && cell(row) }))];
}
