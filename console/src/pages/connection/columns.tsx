/** The columns that every table of connections has. */
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import type { Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { State } from "../../ui/State";
import { Time } from "../../ui/Time";

export type Connection = Schemas["ConnectionShape"];

export const NAME: Column<Connection> = {
  title: "Connection",
  cell: (row) => (
    <Link to={`/connections/${row.id}`}>
      <Name>{row.name}</Name>
    </Link>
  ),
};
export const PROTOCOL: Column<Connection> = { title: "Protocol", cell: (row) => row.protocol.toUpperCase() };
export const STATE: Column<Connection> = { title: "State", cell: (row) => <State word={row.state} /> };
export const LAST_SIGN_IN: Column<Connection> = { title: "Last sign-in", cell: (row) => <Time at={row.last_login_at} /> };
