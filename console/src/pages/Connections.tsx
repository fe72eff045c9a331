/** SSO connections: which identity providers people sign in with. */
import { Link } from "react-router";

import { answer, api } from "../api/client";
import { useMe } from "../session/useSession";
import { ChoiceFilter, Filters, optionsOf } from "../ui/Filters";
import { Listing, type Column } from "../ui/Listing";
import { OrganizationFilter, useOrganizationColumn } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Empty } from "../ui/states";
import { Time } from "../ui/Time";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";
import { LAST_SIGN_IN, NAME, PROTOCOL, STATE, type Connection } from "./connection/columns";

const STATES = ["active", "inactive", "draft", "validating", "deleted"] as const;

export function Page() {
  const params = useListParams(["organization", "state"] as const);
  const { filters, cursor } = params;
  const { can } = useMe();
  const query = useList(["connections", filters, cursor], () =>
    answer(api.GET("/api/auth/sso/connections", { params: { query: queryOf(params) } })),
  );
  const columns: Column<Connection>[] = [
    NAME,
    ...useOrganizationColumn<Connection>(),
    { title: "Type", cell: (row) => row.type },
    PROTOCOL,
    STATE,
    LAST_SIGN_IN,
    { title: "Last failure", cell: (row) => <Time at={row.last_failure?.at} /> },
  ];
  return (
    <>
      <PageHeader title="SSO connections">The identity providers that people sign in with.</PageHeader>
      <Filters params={params}>
        <OrganizationFilter params={params} />
        <ChoiceFilter params={params} name="state" label="State" options={optionsOf(STATES)} />
      </Filters>
      <Listing
        label="Connections"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          params.isFiltered ? (
            <Empty title="No connection matches the filters.">Clear the filters to see all of them.</Empty>
          ) : (
            <Empty title="No identity provider is connected yet.">
              {can("sso:configure") ? <Link to="/sso/configure">Configure SSO</Link> : "An administrator configures one."}
            </Empty>
          )
        }
      />
    </>
  );
}
