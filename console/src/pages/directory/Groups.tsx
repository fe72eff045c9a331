/** The groups of a directory, and the role that the rules make of each. */
import { Link } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Filters, TextFilter } from "../../ui/Filters";
import { Listing, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { Roles } from "../../ui/Roles";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/Time";
import { useList } from "../../ui/useList";
import { queryOf, useListParams } from "../../ui/useListParams";

type Group = Schemas["DirectoryGroupShape"];

const columns: Column<Group>[] = [
  {
    title: "Group",
    cell: (row) => (
      <Link to={`?view=users&group=${row.id}`}>
        <Name>{row.name}</Name>
      </Link>
    ),
  },
  { title: "Members", cell: (row) => row.members_count, number: true },
  { title: "Role", cell: (row) => <Roles roles={row.roles} /> },
  { title: "Changed", cell: (row) => <Time at={row.updated_at} /> },
];

export function Groups({ directoryId }: { directoryId: string }) {
  const { can } = useMe();
  const params = useListParams(["search"] as const);
  const { filters, cursor } = params;
  const query = useList(["directory-groups", directoryId, filters, cursor], () =>
    answer(
      api.GET("/api/directories/{directory_id}/groups", {
        params: { path: { directory_id: directoryId }, query: queryOf(params) },
      }),
    ),
  );
  return (
    <>
      <Filters params={params}>
        <TextFilter params={params} name="search" label="Search" hint="Name of a group" />
      </Filters>
      <Listing
        label="Groups"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          params.isFiltered ? (
            <Empty title="No group is called that.">Clear the filter to see all of them.</Empty>
          ) : (
            <Empty title="This directory has no groups.">Push groups from your identity provider to give roles by them.</Empty>
          )
        }
      />
      {can("roles:map") && (
        <p className="muted">
          Which group gives which role is set in <Link to="/roles">Roles</Link>.
        </p>
      )}
    </>
  );
}
