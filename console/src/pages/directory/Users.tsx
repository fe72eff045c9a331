/** The users of a directory: who they are there, and what they are here. */
import { Link } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { ChoiceFilter, Filters, optionsOf, TextFilter } from "../../ui/Filters";
import { Listing, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { fullName } from "../../ui/names";
import { CALM_MS } from "../../ui/pace";
import { Roles } from "../../ui/Roles";
import { State } from "../../ui/State";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/Time";
import { allOf } from "../../ui/pagesOf";
import { useList } from "../../ui/useList";
import { queryOf, useListParams } from "../../ui/useListParams";

type Person = Schemas["DirectoryUserShape"];
const STATES = ["active", "inactive", "deleted", "unmanaged"] as const;
/** A choice of more than a thousand groups helps nobody; the groups' own list has a search. */
const MOST_PAGES = 10;

export function userColumns(canSeePeople: boolean): Column<Person>[] {
  const named = (row: Person) => <Name>{fullName(row) ?? row.email ?? row.workos_id}</Name>;
  return [
    {
      title: "Name",
      cell: (row) => (canSeePeople && row.user_id ? <Link to={`/people/${row.user_id}`}>{named(row)}</Link> : named(row)),
    },
    { title: "E-mail", cell: (row) => (row.email ? <Name>{row.email}</Name> : "–") },
    { title: "Department", cell: (row) => (row.department ? <Name>{row.department}</Name> : "–") },
    { title: "State", cell: (row) => <State word={row.state} /> },
    { title: "Groups", cell: (row) => <Name>{row.groups.map(({ name }) => name).join(", ") || "–"}</Name> },
    { title: "Role", cell: (row) => <Roles roles={row.roles} /> },
    { title: "Changed", cell: (row) => <Time at={row.updated_at} /> },
  ];
}

export function Users({ directoryId }: { directoryId: string }) {
  const { can } = useMe();
  const params = useListParams(["search", "state", "group"] as const);
  const { filters, cursor } = params;
  const query = useList(
    ["directory-users", directoryId, filters, cursor],
    () =>
      answer(
        api.GET("/api/directories/{directory_id}/users", {
          params: { path: { directory_id: directoryId }, query: queryOf(params) },
        }),
      ),
    { every: () => CALM_MS },
  );
  return (
    <>
      <Filters params={params}>
        <TextFilter params={params} name="search" label="Search" hint="Name or e-mail" />
        <ChoiceFilter params={params} name="state" label="State" options={optionsOf(STATES)} />
        <GroupFilter directoryId={directoryId} params={params} />
      </Filters>
      <Listing
        label="Users"
        query={query}
        columns={userColumns(can("users:read"))}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          params.isFiltered ? (
            <Empty title="Nobody matches the filters.">Clear the filters to see everybody.</Empty>
          ) : (
            <Empty title="This directory has no users yet.">
              They come with the first sync. Assign people to the application at your identity provider.
            </Empty>
          )
        }
      />
    </>
  );
}

function GroupFilter({ directoryId, params }: { directoryId: string; params: ReturnType<typeof useListParams<"search" | "state" | "group">> }) {
  const groups = useList(["directory-groups", directoryId, "options"], () =>
    allOf(
      (after) =>
        answer(
          api.GET("/api/directories/{directory_id}/groups", {
            params: { path: { directory_id: directoryId }, query: { limit: 100, after } },
          }),
        ),
      MOST_PAGES,
    ),
  );
  const named = params.filters.group;
  const options = (groups.data?.rows ?? []).map(({ id, workos_id: workosId, name }) => ({
    // A link may name a group by WorkOS's id, too.
    value: workosId === named ? workosId : id,
    title: name,
  }));
  return <ChoiceFilter params={params} name="group" label="Group" options={options} />;
}
