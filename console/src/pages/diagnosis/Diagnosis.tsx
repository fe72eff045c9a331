/** Why somebody can, or cannot, sign in: what a sign-in of theirs passes, each with its fix, and how the last ones went. */
import { Callout, Heading, Text } from "@radix-ui/themes";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Checklist, type Looked } from "../../ui/Checklist";
import { CopyText } from "../../ui/CopyText";
import { Detail } from "../../ui/Detail";
import { Table, type Column } from "../../ui/Listing";
import { State } from "../../ui/State";
import { Time } from "../../ui/Time";
import { CHECKS, fixOf, STEPS } from "./checks";

type Found = Schemas["DiagnosisShape"];

export function Diagnosis({ query }: { query: UseQueryResult<Found> }) {
  return <Detail query={query}>{(found) => <Told found={found} />}</Detail>;
}

function Told({ found }: { found: Found }) {
  const { can } = useMe();
  const fix = (one: Looked) => {
    const place = fixOf(one.name, found.organization?.id, found.email);
    if (!place || !can(place.permission) || !["failed", "warning"].includes(one.result)) return null;
    return (
      <Text as="p" size="2">
        <Link to={place.to}>{place.title}</Link>
      </Text>
    );
  };
  return (
    <>
      <Verdict found={found} />
      {found.start && (
        <Text as="div" size="2" mb="2">
          They sign in at <CopyText text={new URL(found.start, window.location.origin).href} label="the address to sign in at" />
        </Text>
      )}
      <Checklist label="What a sign-in goes through" looked={found.checks} titles={CHECKS} fix={fix} />
      {found.attempts.length > 0 && (
        <>
          <Heading as="h3" size="2" mt="4" mb="2">
            Last attempts
          </Heading>
          <Table label="Last attempts" rows={found.attempts} columns={ATTEMPTS} rowKey={(row) => `${row.at}${row.request_id}`} />
        </>
      )}
    </>
  );
}

function Verdict({ found }: { found: Found }) {
  const isDown = found.checks.some(({ name, result }) => name === "workos" && result !== "ok");
  const color = found.can_sign_in ? (isDown ? "amber" : "green") : "red";
  return (
    <Callout.Root highContrast color={color} role="status" mb="3">
      <Callout.Text>
        {!found.can_sign_in ? (
          <>
            <strong>They cannot sign in.</strong> What stands in the way: {hindrances(found).join(", ")}. See below what
            to do.
          </>
        ) : isDown ? (
          <>
            <strong>Just now nobody can sign in</strong>: see “{CHECKS.workos}” below. Apart from that nothing stands in
            their way.
          </>
        ) : (
          <>
            <strong>They can sign in</strong>, once their identity provider has said who they are.
          </>
        )}
      </Callout.Text>
    </Callout.Root>
  );
}

function hindrances({ checks }: Found): string[] {
  return checks.filter(({ result }) => result === "failed").map(({ name }) => CHECKS[name]);
}

const ATTEMPTS: Column<Found["attempts"][number]>[] = [
  { title: "When", cell: (row) => <Time at={row.at} /> },
  { title: "How it went", cell: (row) => <State word={row.outcome === "told" ? "failed" : row.outcome} /> },
  { title: "Came as far as", cell: (row) => (row.outcome === "told" ? "WorkOS" : (STEPS[row.step] ?? row.step)) },
  { title: "Why it failed", cell: (row) => row.title ?? <span className="muted">–</span> },
  { title: "WorkOS’s word", cell: (row) => (row.workos_error ? <code>{row.workos_error}</code> : <span className="muted">–</span>) },
  { title: "Request", cell: (row) => (row.request_id ? <CopyText text={row.request_id} /> : <span className="muted">–</span>) },
];
