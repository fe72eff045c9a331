/** Why this role: which group, rule and source gave each role of a person, and what lost against it. */
import { Badge, Text } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { Detail } from "../../ui/Detail";
import { Table, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { roleName } from "../../ui/names";
import { follow } from "../../ui/pace";
import { Roles } from "../../ui/Roles";
import { Section } from "../../ui/Section";
import { Time } from "../../ui/Time";

type Explanation = Schemas["RoleExplanation"];
type Considered = Schemas["Considered"];
const OUTCOMES = { won: "green", lost: "gray", no_rule: "gray" } as const;

export function WhyThisRole({ personId }: { personId: string }) {
  const explanation = useQuery({
    queryKey: ["why", personId],
    queryFn: () => answer(api.GET("/api/users/{person_id}/roles/explain", { params: { path: { person_id: personId } } })),
    refetchInterval: follow,
  });
  return (
    <Section title="Why this role">
      <Detail query={explanation}>{(found) => <Reasons explanation={found} />}</Detail>
    </Section>
  );
}

function Reasons({ explanation: { roles, mapped, manual, considered, directories } }: { explanation: Explanation }) {
  return (
    <>
      <Roles roles={roles} />
      <ul className="plain reasons">
        <li>
          <strong>{roleName(mapped.role)}</strong> {mapped.in_force ? "by the rules" : "by the rules, but not in force"}:{" "}
          {mapped.reason}
        </li>
        {manual.map((given) => (
          <li key={given.role}>
            <strong>{roleName(given.role)}</strong> was given by hand
            {given.given_at && (
              <>
                , <Time at={given.given_at} />
              </>
            )}
            .
          </li>
        ))}
        {directories.map((asked) => (
          <li key={asked.directory_user_id}>
            <Name>{asked.directory.name}</Name>: {asked.reason}
          </li>
        ))}
      </ul>
      {considered.length > 0 && (
        <>
          <Text as="p" size="2" weight="medium" mt="3" mb="1">
            Groups considered
          </Text>
          <Table
            label="Groups considered"
            rows={considered}
            columns={columns}
            rowKey={(row) => `${row.group.id}${row.rule?.position ?? ""}`}
          />
        </>
      )}
    </>
  );
}

const columns: Column<Considered>[] = [
  { title: "Group", cell: (row) => <Name>{row.group.name}</Name> },
  { title: "Rule", cell: (row) => (row.rule ? `${row.rule.position}: ${roleName(row.rule.role)}` : "none") },
  { title: "Outcome", cell: (row) => <Badge color={OUTCOMES[row.outcome]}>{row.outcome.replace("_", " ")}</Badge> },
  { title: "Why", cell: (row) => row.reason },
];
