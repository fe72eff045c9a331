/** Directories and connections at a glance: the worst twenty of each, as their indicators have them. */
import { Text } from "@radix-ui/themes";
import { Link } from "react-router";

import { useMe } from "../../session/useSession";
import { Evidence } from "../../ui/Evidence";
import { Table, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { useOrganizationColumn } from "../../ui/organizations";
import { Section } from "../../ui/Section";
import { Empty } from "../../ui/states";
import { withoutName, worstFirst, type Indicator } from "./indicators";
import { StatusWord } from "./StatusWord";

type One = Indicator["objects"][number];

/** The indicators whose objects are shown here, each with what they are. */
export const GLANCED = [
  { indicator: "last_sync", title: "Directories", kind: "directories", permission: "directories:read", none: "No directory is connected." },
  {
    indicator: "connection_states",
    title: "SSO connections",
    kind: "connections",
    permission: "connections:read",
    none: "No identity provider is connected.",
  },
] as const;

export function Glance({ indicators }: { indicators: readonly Indicator[] }) {
  return GLANCED.map((glanced) => {
    const found = indicators.find(({ name }) => name === glanced.indicator);
    return found && <Part key={glanced.indicator} {...glanced} objects={found.objects} />;
  });
}

type PartProps = (typeof GLANCED)[number] & { objects: readonly One[] };

function Part({ title, kind, permission, none, objects }: PartProps) {
  const { can } = useMe();
  const columns: Column<One>[] = [
    {
      title: "Name",
      cell: (row) => (
        <Link to={`/${kind}/${row.id}`}>
          <Name>{row.name}</Name>
        </Link>
      ),
    },
    ...useOrganizationColumn<One>(),
    { title: "State", cell: (row) => <StatusWord status={row.status} /> },
    { title: "Why", cell: (row) => <Evidence text={withoutName(row.evidence, row.name)} /> },
  ];
  return (
    <Section title={title} actions={can(permission) && <Link to={`/${kind}`}>All of them</Link>}>
      {objects.length === 0 ? (
        <Empty small title={none} />
      ) : (
        <Table label={title} rows={worstFirst(objects)} columns={columns} rowKey={(row) => row.id} />
      )}
      {objects.length === 20 && (
        <Text as="p" size="1" color="gray" mt="2">
          The worst twenty are shown.
        </Text>
      )}
    </Section>
  );
}
