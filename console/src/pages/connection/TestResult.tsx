/** A test step by step, with what the identity provider sent and what it would become here. */
import { Callout, Heading, Text } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { Checklist } from "../../ui/Checklist";
import { Detail } from "../../ui/Detail";
import { Table, type Column } from "../../ui/Listing";
import { Name } from "../../ui/Name";
import { pace } from "../../ui/pace";
import { Roles } from "../../ui/Roles";
import { State } from "../../ui/State";
import { Time } from "../../ui/Time";
import { attributeRows, isMoving, mappedRows, STEPS, type AttributeRow, type MappedRow } from "./trial";

type Test = Schemas["ConnectionTestShape"];

const EVERY_MS = 1_500;
const TITLES: Readonly<Record<Test["status"], string>> = {
  waiting: "Waiting for your browser to come back",
  running: "WorkOS is being asked",
  passed: "The test has passed: a sign-in would succeed",
  failed: "The test has failed",
  expired: "Nobody came back from WorkOS within ten minutes",
};

export function TestResult({ id, waiting }: { id: string; waiting: ReactNode }) {
  const test = useQuery({
    queryKey: ["connection-test", id],
    queryFn: () => answer(api.GET("/api/auth/sso/tests/{test_id}", { params: { path: { test_id: id } } })),
    refetchInterval: ({ state }) => pace(state.error, isMoving(state.data) ? EVERY_MS : false),
  });
  return (
    <Detail query={test}>
      {(found) => (
        <>
          {found.status === "waiting" && waiting}
          <Told test={found} />
        </>
      )}
    </Detail>
  );
}

function Told({ test }: { test: Test }) {
  return (
    <div>
      <div className="step" role="status">
        <Heading as="h3" size="2">
          {TITLES[test.status]}
        </Heading>
        <State word={test.status} />
        <Text size="2" color="gray">
          <Time at={test.finished_at ?? test.created_at} />
        </Text>
      </div>
      {test.problem && (
        <Callout.Root highContrast color="red" size="1" mt="3" role="alert">
          <Callout.Text>
            <strong>{test.problem.title}</strong>{" "}
            {test.problem.detail !== test.problem.title && <Name>{test.problem.detail}</Name>} {test.problem.remedy}
          </Callout.Text>
        </Callout.Root>
      )}
      <Checklist label="Steps of the test" looked={test.steps} titles={STEPS} />
      {test.status === "passed" && (
        <Part title="Roles that the person would have">
          <Roles roles={test.roles} />
        </Part>
      )}
      {Object.keys(test.attributes).length > 0 && (
        <>
          <Part title="What it becomes here">
            <Table label="What it becomes here" rows={mappedRows(test)} columns={MAPPED} rowKey={(row) => row.field} />
          </Part>
          <Part title="Attributes received">
            <Table label="Attributes received" rows={attributeRows(test)} columns={ATTRIBUTES} rowKey={(row) => row.name} />
          </Part>
        </>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <Heading as="h3" size="2" mt="4" mb="2">
        {title}
      </Heading>
      {children}
    </>
  );
}

const MAPPED: Column<MappedRow>[] = [
  { title: "Field", cell: (row) => (row.isRequired ? `${row.title} (needed)` : row.title) },
  { title: "Value", cell: (row) => (row.value === null ? <span className="muted">none</span> : <Name>{row.value}</Name>) },
  { title: "Read from", cell: (row) => (row.attribute ? <code>{row.attribute}</code> : <span className="muted">–</span>) },
];

const ATTRIBUTES: Column<AttributeRow>[] = [
  {
    title: "Attribute",
    cell: (row) => (
      <code>
        <Name>{row.name}</Name>
      </code>
    ),
  },
  { title: "Value", cell: (row) => <Name>{row.value}</Name> },
];
