/** Configure SSO: SAML 2.0 or OIDC, what the identity provider shows, and what became of it. */
import { Flex, Text } from "@radix-ui/themes";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { backTo } from "../ui/comingBack";
import { Detail } from "../ui/Detail";
import { useOrganizationPick } from "../ui/OrganizationPick";
import { PageHeader } from "../ui/PageHeader";
import { PortalAsk } from "../ui/PortalAsk";
import { Arrived } from "./sso/Arrived";
import { ConfigureForm } from "./sso/ConfigureForm";
import { Configured } from "./sso/Configured";
import { useConnections } from "./sso/connections";
import { newsOf, type Seen } from "./sso/news";
import type { Entered } from "./sso/provider";

/** How often it is looked whether the Admin Portal, in another tab, has been gone through. */
const EVERY_MS = 4_000;

export function Page() {
  const { organization, pick } = useOrganizationPick();
  const to = organization ? `/sso?organization=${organization}` : "/sso";
  return (
    <>
      <PageHeader title="Configure SSO" above={{ to, title: "Single sign-on" }}>
        Enter what your identity provider shows. Every field is checked, and nothing is changed while one is wrong.
      </PageHeader>
      {pick}
      {organization && <Configuring key={organization} organization={organization} />}
    </>
  );
}

function Configuring({ organization }: { organization: string }) {
  const [params] = useSearchParams();
  const queries = useQueryClient();
  const connections = useConnections(organization, EVERY_MS);
  const [before, setBefore] = useState<readonly Seen[] | null>(null);
  // Not of what was read on another page: what changed since then is no news here.
  if (before === null && connections.data && !connections.isFetching) setBefore(connections.data.data);
  const arrived = newsOf(before ?? connections.data?.data ?? [], connections.data?.data ?? []);
  const providers = useQuery({ queryKey: ["providers"], queryFn: () => answer(api.GET("/api/providers")) });
  const configuring = useMutation({
    mutationFn: ({ body }: { body: Schemas["ConfigureSso"]; entered: Entered }) =>
      answer(
        api.PUT("/api/organizations/{organization_id}/sso/configuration", {
          params: { path: { organization_id: organization } },
          body: { ...body, return_url: backTo(`${window.location.origin}/console/sso`, organization) },
        }),
      ),
    onSuccess: () =>
      queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("connection") }),
    // What was entered holds a secret: it is forgotten with the page.
    gcTime: 0,
  });
  const again = () => {
    setBefore(null);
    configuring.reset();
  };
  if (configuring.data)
    return <Configured done={configuring.data} entered={configuring.variables.entered} arrived={arrived} onAgain={again} />;
  return (
    <Detail query={connections}>
      {({ data }) => (
        <Detail query={providers}>
          {(known) => (
            <>
              <Arrived connections={arrived} />
              <ConfigureForm
                connections={data.filter(({ state }) => state !== "deleted")}
                providers={known.data}
                asked={params.get("connection")}
                sending={configuring}
              />
              <AskedFirst organization={organization} />
            </>
          )}
        </Detail>
      )}
    </Detail>
  );
}

/** Some identity providers want our values before they show theirs. */
function AskedFirst({ organization }: { organization: string }) {
  const { can } = useMe();
  if (!can("portal:link")) return null;
  return (
    <Flex direction="column" gap="3" align="start" mt="6" className="narrow">
      <Text as="p" size="2" color="gray">
        Does your identity provider ask for a value of ours first: SP Entity ID and SP ACS URL, or the Redirect URI? WorkOS makes
        them. You see them here once WorkOS has the connection; until then they are in its Admin Portal.
      </Text>
      <PortalAsk organization={organization} intent="sso" title="Get a link to the Admin Portal" />
    </Flex>
  );
}
