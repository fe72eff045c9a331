/** Organizations: every tenant, or one's own. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button } from "@radix-ui/themes";
import { Link } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { CopyText } from "../ui/CopyText";
import { Listing, type Column } from "../ui/Listing";
import { Name } from "../ui/Name";
import { PageHeader } from "../ui/PageHeader";
import { State } from "../ui/State";
import { Empty } from "../ui/states";
import { Time } from "../ui/Time";
import { useList } from "../ui/useList";
import { useListParams } from "../ui/useListParams";

type Row = Schemas["OrganizationShape"] | Schemas["OrganizationName"];

const columns: Column<Row>[] = [
  { title: "Name", cell: (row) => <Link to={`/organizations/${row.id}`}>{<Name>{row.name}</Name>}</Link> },
  { title: "Domains", cell: (row) => row.domains.map(({ domain }) => domain).join(", ") || "–" },
  { title: "State", cell: (row) => ("state" in row ? <State word={row.state} /> : "–") },
  { title: "WorkOS id", cell: (row) => ("workos_id" in row && row.workos_id ? <CopyText text={row.workos_id} /> : "not linked") },
  { title: "Since", cell: (row) => ("created_at" in row ? <Time at={row.created_at} /> : "–") },
];

export function Page() {
  const { can, isPlatform } = useMe();
  const { cursor, turn } = useListParams([]);
  const query = useList(["organizations", cursor], () =>
    answer(api.GET("/api/organizations", { params: { query: { ...cursor, order: "asc" } } })),
  );
  return (
    <>
      <PageHeader
        title="Organizations"
        actions={
          can("organizations:manage") && (
            <Button asChild>
              <Link to="/organizations/new">
                <PlusIcon /> Add organization
              </Link>
            </Button>
          )
        }
      >
        {isPlatform ? "Every customer of MemberPulse." : "Your organization."}
      </PageHeader>
      <Listing
        label="Organizations"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        onTurn={turn}
        empty={<Empty title="There is no organization yet." />}
      />
    </>
  );
}
