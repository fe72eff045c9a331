/** The connections of an organization: state, certificate, last test. */
import { Listing, type Column } from "../../ui/Listing";
import { Section } from "../../ui/Section";
import { State } from "../../ui/State";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/Time";
import { LAST_SIGN_IN, NAME, PROTOCOL, STATE, type Connection } from "../connection/columns";
import { CertificateEnd } from "./CertificateEnd";
import { useConnections } from "./connections";

const columns: Column<Connection>[] = [
  NAME,
  PROTOCOL,
  STATE,
  { title: "Certificate", cell: (row) => <CertificateEnd at={row.certificate_expires_at} /> },
  LAST_SIGN_IN,
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
