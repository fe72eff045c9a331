/** Organizations: every tenant, or one's own. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button } from "@radix-ui/themes";
import { Link } from "react-router";

import { answer, api } from "../api/client";
import { useMe } from "../session/useSession";
import { Listing } from "../ui/Listing";
import { PageHeader } from "../ui/PageHeader";
import { Empty } from "../ui/states";
import { useList } from "../ui/useList";
import { useListParams } from "../ui/useListParams";
import { columnsFor } from "./organization/columns";

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
        columns={columnsFor(query.data?.data ?? [])}
        rowKey={(row) => row.id}
        onTurn={turn}
        empty={<Empty title="There is no organization yet." />}
      />
    </>
  );
}
