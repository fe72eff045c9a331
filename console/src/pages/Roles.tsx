/** Roles: which group gives which role, in order; the first rule that matches wins. */
import { Callout } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { Detail } from "../ui/Detail";
import { roleName } from "../ui/names";
import { useOrganizationPick } from "../ui/OrganizationPick";
import { PageHeader } from "../ui/PageHeader";
import { RuleEditor } from "./roles/RuleEditor";

export function Page() {
  const { organization, pick } = useOrganizationPick();
  return (
    <>
      <PageHeader title="Roles">
        Groups of your directory give people their role here. The first rule that matches a person wins.
      </PageHeader>
      {pick}
      {organization && <Rules key={organization} organization={organization} />}
    </>
  );
}

function Rules({ organization }: { organization: string }) {
  const mappings = useQuery({
    queryKey: ["role-mappings", organization],
    queryFn: () =>
      answer(
        api.GET("/api/organizations/{organization_id}/role-mappings", {
          params: { path: { organization_id: organization } },
        }),
      ),
    refetchOnWindowFocus: false,
  });
  return (
    <Detail query={mappings}>
      {(found) => (
        <>
          <Callout.Root highContrast color="gray" size="1" mb="4">
            <Callout.Text>
              {found.source === "default" && "These are MemberPulse’s default rules; saving makes them yours. "}
              Whoever matches no rule gets the role {roleName(found.default_role)}.
            </Callout.Text>
          </Callout.Root>
          <RuleEditor mappings={found} />
        </>
      )}
    </Detail>
  );
}
