/** One SSO connection: its state, its certificate, and how the last sign-ins went. */
import { Callout } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { OrganizationLink } from "../ui/organizations";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { Time } from "../ui/Time";

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
  const remedy = REMEDIES[connection.state];
  const failure = connection.last_failure;
  return (
    <>
      <PageHeader title={connection.name} above={{ to: "/connections", title: "SSO connections" }}>
        {connection.type} · <State word={connection.state} />
      </PageHeader>
      {remedy && (
        <Callout.Root highContrast color="amber" mb="4">
          <Callout.Text>{remedy}</Callout.Text>
        </Callout.Root>
      )}
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
            ["Certificate expires", <Time key="certificate" at={connection.certificate_expires_at} none="not known" />],
            ["Connected", <Time key="created" at={connection.created_at} />],
            ["Id", <CopyText key="id" text={connection.id} />],
            ["WorkOS id", <CopyText key="workos" text={connection.workos_id} />],
          ]}
        />
      </Section>
    </>
  );
}
