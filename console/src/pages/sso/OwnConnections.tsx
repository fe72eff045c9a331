/** The connections of an organization: state, certificate, last test. */
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { Listing, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { Section } from "../../ui/Section";
import { State } from "../../ui/State";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/Time";
import { CertificateEnd } from "./CertificateEnd";
import { useConnections } from "./connections";

type Connection = Schemas["ConnectionShape"];

const columns: Column<Connection>[] = [
  {
    title: "Connection",
    cell: (row) => (
      <Link to={`/connections/${row.id}`}>
        <Name>{row.name}</Name>
      </Link>
    ),
  },
  { title: "Protocol", cell: (row) => row.protocol.toUpperCase() },
  { title: "State", cell: (row) => <State word={row.state} /> },
  { title: "Certificate", cell: (row) => <CertificateEnd at={row.certificate_expires_at} /> },
  { title: "Last sign-in", cell: (row) => <Time at={row.last_login_at} /> },
  {
    title: "Last test",
    cell: ({ last_test: test }) =>
      test ? (
        <span className="step">
          <State word={test.status} /> <Time at={test.at} />
        </span>
      ) : (
        <span className="muted">never</span>
      ),
  },
];

export function OwnConnections({ organization }: { organization: string }) {
  const query = useConnections(organization);
  return (
    <Section title="Connections" text="Open one to test it, to renew its certificate, or to see how its sign-ins went.">
      <Listing
        label="Connections"
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<Empty small title="No identity provider is connected yet: configure one." />}
      />
    </Section>
  );
}
