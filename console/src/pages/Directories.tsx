/** Directories: where people and groups come from, and how the last sync went. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button } from "@radix-ui/themes";
import { Link } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { backTo } from "../ui/comingBack";
import { ChoiceFilter, Filters, optionsOf } from "../ui/Filters";
import { Listing, type Column } from "../ui/Listing";
import { Name } from "../ui/Name";
import { OrganizationFilter, useOrganizationColumn } from "../ui/organizations";
import { CALM_MS } from "../ui/pace";
import { PageHeader } from "../ui/PageHeader";
import { State } from "../ui/State";
import { Empty } from "../ui/states";
import { Time } from "../ui/Time";
import { useList } from "../ui/useList";
import { queryOf, useListParams } from "../ui/useListParams";
import { providerName } from "./directory/providers";

type Directory = Schemas["DirectoryShape"];
const STATES = ["linked", "validating", "invalid_credentials", "unlinked", "deleting", "deleted"] as const;

export function Page() {
  const { can } = useMe();
  const params = useListParams(["organization", "state"] as const);
  const { filters, cursor } = params;
  const query = useList(
    ["directories", filters, cursor],
    () => answer(api.GET("/api/directories", { params: { query: queryOf(params) } })),
    { every: () => CALM_MS },
  );
  const columns: Column<Directory>[] = [
    {
      title: "Directory",
      cell: (row) => (
        <Link to={`/directories/${row.id}`}>
          <Name>{row.name}</Name>
        </Link>
      ),
    },
    ...useOrganizationColumn<Directory>(),
    { title: "Provider", cell: (row) => providerName(row.provider) },
    { title: "State", cell: (row) => <State word={row.state} /> },
    { title: "Users", cell: (row) => row.users_count, number: true },
    { title: "Groups", cell: (row) => row.groups_count, number: true },
    { title: "Last sync", cell: (row) => <Time at={row.last_synced_at} /> },
  ];
  const add = can("portal:link") && (
    <Button asChild>
      <Link to={backTo("/directories/add", filters.organization ?? null)}>
        <PlusIcon /> Add Directory
      </Link>
    </Button>
  );
  return (
    <>
      <PageHeader title="Directory Sync" actions={add}>
        People and groups that identity providers send us by SCIM, through WorkOS.
      </PageHeader>
      <Filters params={params}>
        <OrganizationFilter params={params} />
        <ChoiceFilter params={params} name="state" label="State" options={optionsOf(STATES)} />
      </Filters>
      <Listing
        label="Directories"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={params.turn}
        empty={
          filters.state ? (
            <Empty title="No directory matches the filters.">Clear the filters to see all of them.</Empty>
          ) : (
            <Empty title={filters.organization ? "This organization has no directory yet." : "No directory is connected yet."}>
              {add ? "Add one, and the people of your identity provider appear here." : "An administrator can add one."}
            </Empty>
          )
        }
      />
    </>
  );
}
