/** People: who belongs to the organization, with which roles, and whether they may come in. */
import { Link } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { ChoiceFilter, Filters, optionsOf, TextFilter } from "../ui/Filters";
import { Listing, type Column } from "../ui/Listing";
import { Name } from "../ui/Name";
import { fullName, managerName, ROLE_NAMES, roleName } from "../ui/names";
import { OrganizationFilter, useOrganizationColumn } from "../ui/organizations";
import { CALM_MS } from "../ui/pace";
import { PageHeader } from "../ui/PageHeader";
import { Roles } from "../ui/Roles";
import { State } from "../ui/State";
import { Empty } from "../ui/states";
import { Time } from "../ui/Time";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";

type Person = Schemas["UserShape"];

export function Page() {
  const params = useListParams(["search", "organization", "state", "role"] as const);
  const { filters, cursor } = params;
  const query = useList(
    ["people", filters, cursor],
    () => answer(api.GET("/api/users", { params: { query: queryOf(params) } })),
    { every: () => CALM_MS },
  );
  const columns: Column<Person>[] = [
    {
      title: "Name",
      cell: (row) => (
        <Link to={`/people/${row.id}`}>
          <Name>{fullName(row) ?? row.email ?? "somebody erased"}</Name>
        </Link>
      ),
    },
    { title: "E-mail", cell: (row) => (row.email ? <Name>{row.email}</Name> : "–") },
    ...useOrganizationColumn<Person>(),
    { title: "State", cell: (row) => <State word={row.state} /> },
    { title: "Roles", cell: (row) => <Roles roles={row.roles} /> },
    { title: "Managed by", cell: (row) => managerName(row.managed_by) },
    { title: "Sessions", cell: (row) => row.sessions_count, number: true },
    { title: "Last sign-in", cell: (row) => <Time at={row.last_login_at} /> },
  ];
  return (
    <>
      <PageHeader title="People">Everybody who can, or could, sign in.</PageHeader>
      <Filters params={params}>
        <TextFilter params={params} name="search" label="Search" hint="Name or e-mail" />
        <OrganizationFilter params={params} />
        <ChoiceFilter params={params} name="state" label="State" options={optionsOf(["active", "inactive"])} />
        <ChoiceFilter
          params={params}
          name="role"
          label="Role"
          options={ROLE_NAMES.map((value) => ({ value, title: roleName(value) }))}
        />
      </Filters>
      <Listing
        label="People"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          params.isFiltered ? (
            <Empty title="Nobody matches the filters.">Clear the filters to see everybody.</Empty>
          ) : (
            <Empty title="There is nobody yet.">People appear with their first sign-in, or with a directory’s first sync.</Empty>
          )
        }
      />
    </>
  );
}
