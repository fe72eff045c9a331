/** Single sign-on of an organization: by which connections its people sign in, and the policy that says who may. */
import { Button } from "@radix-ui/themes";
import { Link } from "react-router";

import { Detail } from "../ui/Detail";
import { useOrganizationPick } from "../ui/OrganizationPick";
import { PageHeader } from "../ui/PageHeader";
import { OwnConnections } from "./sso/OwnConnections";
import { PolicyForm } from "./sso/PolicyForm";
import { usePolicy } from "./sso/usePolicy";

export function Page() {
  const { organization, pick } = useOrganizationPick();
  return (
    <>
      <PageHeader
        title="Single sign-on"
        actions={
          organization && (
            <Button asChild>
              <Link to={`/sso/configure?organization=${organization}`}>Configure SSO</Link>
            </Button>
          )
        }
      >
        How the people of an organization sign in: by which identity provider, and who may.
      </PageHeader>
      {pick}
      {organization && (
        <>
          <OwnConnections key={`connections-${organization}`} organization={organization} />
          <Policy key={organization} organization={organization} />
        </>
      )}
    </>
  );
}

function Policy({ organization }: { organization: string }) {
  const policy = usePolicy(organization);
  return <Detail query={policy}>{(found) => <PolicyForm saved={found} />}</Detail>;
}
