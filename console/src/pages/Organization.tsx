/** One organization: its domains, whether it is let in, and the ways into WorkOS's Admin Portal. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { follow } from "../ui/pace";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";
import { written } from "../ui/written";
import { PortalLinks } from "./organization/PortalLinks";
import { Rename } from "./organization/Rename";

type Full = Schemas["OrganizationShape"];
type Known = Full | Schemas["OrganizationName"];

export function Page() {
  const { id = "" } = useParams();
  const organization = useQuery({
    queryKey: ["organization", id],
    queryFn: () =>
      answer(api.GET("/api/organizations/{organization_id}", { params: { path: { organization_id: id } } })),
    // A domain is added and verified in the Admin Portal, in another tab.
    refetchInterval: follow,
  });
  return <Detail query={organization}>{(found) => <OrganizationPage organization={found} />}</Detail>;
}

function OrganizationPage({ organization }: { organization: Known }) {
  const { can, isPlatform } = useMe();
  const full = "state" in organization ? organization : null;
  return (
    <>
      <PageHeader
        title={organization.name}
        above={isPlatform ? { to: "/organizations", title: "Organizations" } : undefined}
        actions={
          full &&
          can("organizations:manage") && (
            <Flex gap="3" wrap="wrap">
              <Rename organization={full} />
              <ChangeState organization={full} />
            </Flex>
          )
        }
      >
        {full && <State word={full.state} />}
      </PageHeader>
      {full?.state === "suspended" && (
        <Callout.Root highContrast color="red" mb="4">
          <Callout.Text>This organization is suspended: none of its people can sign in.</Callout.Text>
        </Callout.Root>
      )}
      <Section title="Domains" text="The e-mail domains of its people. Only by a verified domain are people recognised by their address.">
        {organization.domains.length === 0 ? (
          "No domain. Ask for a link to verify one below."
        ) : (
          <ul className="plain">
            {organization.domains.map(({ domain, state }) => (
              <li key={domain}>
                {domain} <State word={state} /> {state === "pending" && "waits for its DNS record"}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {can("portal:link") && full?.workos_id && <PortalLinks organizationId={organization.id} />}
      <Elsewhere id={organization.id} />
      {full && <About organization={full} />}
    </>
  );
}

function Elsewhere({ id }: { id: string }) {
  const { can } = useMe();
  const places = [
    ["sso:configure", `/sso?organization=${id}`, "Single sign-on"],
    ["connections:read", `/connections?organization=${id}`, "SSO connections"],
    ["directories:read", `/directories?organization=${id}`, "Directories"],
    ["users:read", `/people?organization=${id}`, "People"],
    ["roles:map", `/roles?organization=${id}`, "Roles"],
    ["audit:read", `/audit?organization=${id}`, "Audit log"],
  ] as const;
  const open = places.filter(([permission]) => can(permission));
  if (open.length === 0) return null;
  return (
    <Section title="Where to go from here">
      <Flex gap="4" wrap="wrap">
        {open.map(([, to, title]) => (
          <Link key={to} to={to}>
            {title}
          </Link>
        ))}
      </Flex>
    </Section>
  );
}

function ChangeState({ organization }: { organization: Full }) {
  const queries = useQueryClient();
  const isActive = organization.state === "active";
  const change = async () => {
    const changed = await answer(
      api.PATCH("/api/organizations/{organization_id}", {
        params: { path: { organization_id: organization.id } },
        body: { state: isActive ? "suspended" : "active" },
      }),
    );
    await written(queries, ["organization", organization.id], changed);
    // Not waited for: the question goes with its deed, not with everything that is read again.
    void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("organization") });
    notify(isActive ? "Suspended. None of its people can sign in." : "Active again.");
  };
  return (
    <Confirm
      trigger={
        <Button variant="soft" color={isActive ? "red" : "green"}>
          {isActive ? "Suspend" : "Let in again"}
        </Button>
      }
      title={isActive ? `Suspend ${organization.name}?` : `Let ${organization.name} in again?`}
      text={
        isActive
          ? "All its people are signed out at once and cannot sign in. Nothing is deleted."
          : "Its people can sign in again."
      }
      action={isActive ? "Suspend" : "Let in again"}
      danger={isActive}
      onConfirm={change}
    />
  );
}

function About({ organization }: { organization: Full }) {
  return (
    <Section title="About">
      <Facts
        facts={[
          ["WorkOS organization", organization.workos_id ? <CopyText key="workos" text={organization.workos_id} /> : "not linked"],
          ["Slug", organization.slug],
          ["Since", <Time key="created" at={organization.created_at} />],
          ["Changed", <Time key="updated" at={organization.updated_at} />],
          ["Id", <CopyText key="id" text={organization.id} />],
        ]}
      />
    </Section>
  );
}
