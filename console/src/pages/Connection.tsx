/** One SSO connection: its state, its certificate, and how its test and the last sign-ins went. */
import { Button, Callout } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { OrganizationLink } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { Time } from "../ui/Time";
import { Certificate } from "./connection/Certificate";
import { TestConnection } from "./connection/TestConnection";

const REMEDIES: Readonly<Record<string, string>> = {
  inactive: "Nobody can sign in with it. Activate it in the WorkOS Dashboard or the Admin Portal.",
  draft: "It is not set up yet. Finish it in the Admin Portal.",
  validating: "WorkOS is checking it. Sign in once to complete it.",
  deleted: "It was removed at WorkOS. People need another connection to sign in.",
};

export function Page() {
  const { id = "" } = useParams();
  const connection = useQuery({
    queryKey: ["connection", id],
    queryFn: () =>
      answer(api.GET("/api/auth/sso/connections/{connection_id}", { params: { path: { connection_id: id } } })),
  });
  return <Detail query={connection}>{(found) => <ConnectionPage connection={found} />}</Detail>;
}

function ConnectionPage({ connection }: { connection: Schemas["ConnectionShape"] }) {
  const { can } = useMe();
  const remedy = REMEDIES[connection.state];
  const failure = connection.last_failure;
  return (
    <>
      <PageHeader
        title={connection.name}
        above={{ to: "/connections", title: "SSO connections" }}
        actions={
          can("sso:configure") &&
          connection.state !== "deleted" && (
            <Button asChild variant="soft">
              <Link to={`/sso/configure?organization=${connection.organization_id}&connection=${connection.id}`}>Configure SSO</Link>
            </Button>
          )
        }
      >
        {connection.type} · <State word={connection.state} />
      </PageHeader>
      {remedy && (
        <Callout.Root highContrast color="amber" mb="4">
          <Callout.Text>{remedy}</Callout.Text>
        </Callout.Root>
      )}
      {can("sso:configure") && <TestConnection connection={connection} />}
      {connection.protocol === "saml" && connection.state !== "deleted" && <Certificate connection={connection} />}
      <Section title="Sign-ins">
        <Facts
          facts={[
            ["Last sign-in", <Time key="in" at={connection.last_login_at} />],
            ["Last failure", <Time key="failure" at={failure?.at} />],
            ["Why it failed", failure ? <code key="code">{failure.code}</code> : null],
          ]}
        />
      </Section>
      <Section title="About">
        <Facts
          facts={[
            ["Organization", <OrganizationLink key="organization" id={connection.organization_id} />],
            ["Protocol", connection.protocol.toUpperCase()],
            ["Domains", connection.domains.join(", ") || null],
            ["Connected", <Time key="created" at={connection.created_at} />],
            ["Id", <CopyText key="id" text={connection.id} />],
            ["WorkOS id", <CopyText key="workos" text={connection.workos_id} />],
          ]}
        />
      </Section>
    </>
  );
}
