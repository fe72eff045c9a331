/** One person: may they come in, which roles and why, and where they are signed in. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { Name } from "../ui/Name";
import { fullName, managerName } from "../ui/names";
import { OrganizationLink } from "../ui/organizations";
import { follow } from "../ui/pace";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";
import { written } from "../ui/written";
import { ManualRoles } from "./person/ManualRoles";
import { PersonSessions } from "./person/PersonSessions";
import { keptOutBy, whyOut } from "./person/standing";
import { useConfirmable } from "./person/useConfirmable";
import { WhyNoSignIn } from "./person/WhyNoSignIn";
import { WhyThisRole } from "./person/WhyThisRole";

type Person = Schemas["UserShape"];

export function Page() {
  const { id = "" } = useParams();
  const person = useQuery({
    queryKey: ["person", id],
    queryFn: () => answer(api.GET("/api/users/{person_id}", { params: { path: { person_id: id } } })),
    refetchInterval: follow,
  });
  return <Detail query={person}>{(found) => <PersonPage person={found} />}</Detail>;
}

function PersonPage({ person }: { person: Person }) {
  const { can } = useMe();
  const why = whyOut(person);
  // Whom a directory keeps out only a directory lets in again: the API refuses everybody else.
  const mayChange = can("users:manage") && (person.state === "active" || keptOutBy(person).length === 0);
  return (
    <>
      <PageHeader
        title={fullName(person) ?? person.email ?? "Somebody erased"}
        above={{ to: "/people", title: "People" }}
        actions={mayChange && <ChangeState person={person} />}
      >
        {person.email && <Name>{person.email}</Name>} <State word={person.state} />
      </PageHeader>
      {why && (
        <Callout.Root highContrast color="amber" mb="4">
          <Callout.Text>{why}</Callout.Text>
        </Callout.Root>
      )}
      <WhyThisRole personId={person.id} />
      {can("users:manage") && <ManualRoles person={person} />}
      <PersonSessions person={person} />
      {can("diagnostics:read") && person.email && (
        <WhyNoSignIn personId={person.id} email={person.email} organization={person.organization_id} />
      )}
      <About person={person} />
    </>
  );
}

function ChangeState({ person }: { person: Person }) {
  const queries = useQueryClient();
  const isActive = person.state === "active";
  // The page follows by itself: without it an open question could turn into its opposite under the reader's finger.
  const [wasActive, setWasActive] = useState(isActive);
  const change = useConfirmable(async (confirm) => {
    const body = { state: wasActive ? ("inactive" as const) : ("active" as const), confirm };
    const changed = await answer(api.PATCH("/api/users/{person_id}", { params: { path: { person_id: person.id } }, body }));
    await written(queries, ["person", person.id], changed);
    // Not waited for: the question goes with its deed, not with everything that is read again.
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes(person.id) || queryKey[0] === "people" });
    notify(wasActive ? "Deactivated. Their sessions have ended." : "They may sign in again.");
  });
  return (
    <Confirm
      trigger={
        <Button variant="soft" color={isActive ? "red" : "green"}>
          {isActive ? "Deactivate" : "Let in again"}
        </Button>
      }
      title={wasActive ? "Deactivate this person?" : "Let this person in again?"}
      text={
        wasActive
          ? "Their sessions end at once and they cannot sign in until somebody lets them in again."
          : "They can sign in again, with the roles that their groups give them."
      }
      action={change.isAsked ? "Do it all the same" : wasActive ? "Deactivate" : "Let in again"}
      danger={wasActive}
      onAsk={() => {
        change.reset();
        setWasActive(isActive);
      }}
      onConfirm={change.run}
    />
  );
}

function About({ person }: { person: Person }) {
  return (
    <Section title="About">
      <Facts
        facts={[
          ["Organization", <OrganizationLink key="organization" id={person.organization_id} />],
          ["Department", person.department && <Name key="department">{person.department}</Name>],
          ["Job title", person.job_title && <Name key="job">{person.job_title}</Name>],
          ["Managed by", managerName(person.managed_by)],
          ["Last sign-in", <Time key="login" at={person.last_login_at} />],
          ["Known since", <Time key="created" at={person.created_at} />],
          ["Id", <CopyText key="id" text={person.id} />],
          [
            "In directories",
            person.directory_users.length > 0 && (
              <Flex key="directories" direction="column" gap="1">
                {person.directory_users.map((known) => (
                  <span key={known.id}>
                    <Link to={`/directories/${known.directory_id}`}>
                      <Name>{known.directory_name}</Name>
                    </Link> <State word={known.state} />
                  </span>
                ))}
              </Flex>
            ),
          ],
        ]}
      />
    </Section>
  );
}
