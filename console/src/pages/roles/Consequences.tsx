/** What other rules would change: who gains, who loses, and what to think about before saying yes. */
import { ArrowRightIcon } from "@radix-ui/react-icons";
import { Callout, Text } from "@radix-ui/themes";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { Detail } from "../../ui/Detail";
import { Table, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { fullName, roleName } from "../../ui/names";
import { Section } from "../../ui/Section";
import type { RuleRequest } from "./drafts";

type Preview = Schemas["ConsequencesShape"];
type Mappings = Schemas["MappingsShape"];
const SHOWN = 100;
const WARNINGS: Readonly<Record<string, string>> = {
  last_admin: "This organization would have no administrator left.",
  own_access: "You would lose your own access to this page.",
};

/** Returns a warning in the console's words for roles; the API's where it has none. */
export function warned({ code, detail }: Preview["warnings"][number]): string {
  return WARNINGS[code] ?? detail;
}

const columns: Column<Preview["people"][number]>[] = [
  { title: "Person", cell: (row) => <Name>{fullName(row) ?? row.email ?? row.user_id}</Name> },
  {
    title: "Role",
    cell: (row) => (
      <span className="step">
        {roleName(row.before)} <ArrowRightIcon aria-label="becomes" /> {roleName(row.after)}
      </span>
    ),
  },
];

/** Returns what the API says would change of the rules in force; it is asked again after every edit. */
export function usePreview({ organization_id: organization, version }: Mappings, rules: RuleRequest[]): UseQueryResult<Preview> {
  return useQuery({
    queryKey: ["role-mappings-preview", organization, version, rules],
    queryFn: () =>
      answer(
        api.POST("/api/organizations/{organization_id}/role-mappings/preview", {
          params: { path: { organization_id: organization } },
          body: { rules },
        }),
      ),
  });
}

export function Consequences({ preview }: { preview: UseQueryResult<Preview> }) {
  return (
    <Section title="What would change">
      <Detail query={preview}>
        {({ gained, lost, people, warnings }) => (
          <>
            <Text as="p" size="2" role="status">
              {gained} gain a role, {lost} lose one.
            </Text>
            {warnings.map((warning) => (
              <Callout.Root
                highContrast
                key={warning.code}
                color={warning.code === "people_not_shown" ? "gray" : "red"}
                size="1"
                mt="2"
                role="alert"
              >
                <Callout.Text>{warned(warning)}</Callout.Text>
              </Callout.Root>
            ))}
            {people.length > 0 && (
              <Table label="Whose role changes" rows={people.slice(0, SHOWN)} columns={columns} rowKey={({ user_id }) => user_id} />
            )}
            {people.length > SHOWN && (
              <Text as="p" size="2" color="gray" mt="2">
                and {people.length - SHOWN} more
              </Text>
            )}
          </>
        )}
      </Detail>
    </Section>
  );
}
