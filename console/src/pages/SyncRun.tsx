/** One sync: how far it is, what it changes, and the question that a held one asks. */
import { Button, Callout, Flex, Progress, Text } from "@radix-ui/themes";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { ProblemNote } from "../ui/states";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";
import { pace } from "../ui/pace";
import { written } from "../ui/written";
import { Asker } from "./directory/Asker";
import { Changes, Plan } from "./directory/Plan";
import { Unreadable, useDirectory } from "./directory/Unreadable";
import { counted, countsOf, fraction, isMoving, modeName, planOf } from "./directory/runs";

type Run = Schemas["SyncRunShape"];
const EVERY_MS = 700;

export function Page() {
  const { id = "", run: runId = "" } = useParams();
  const path = { directory_id: id, run_id: runId };
  const run = useQuery({
    queryKey: ["sync", runId],
    queryFn: () => answer(api.GET("/api/directories/{directory_id}/syncs/{run_id}", { params: { path } })),
    refetchInterval: ({ state }) => pace(state.error, !state.data || isMoving(state.data) ? EVERY_MS : false),
  });
  return <Detail query={run}>{(found) => <RunPage run={found} />}</Detail>;
}

function RunPage({ run }: { run: Run }) {
  const counts = countsOf(run);
  const queries = useQueryClient();
  const directory = useDirectory(run.directory_id);
  // A sync asks WorkOS how the directory is: what was read of it before counts no more.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["directory", run.directory_id] });
  }, [queries, run.directory_id, run.status]);
  return (
    <>
      <PageHeader
        title={isOnlyPlanned(run) ? modeName(run.mode) : "Sync"}
        above={{ to: `/directories/${run.directory_id}?view=syncs`, title: "Syncs of this directory" }}
        actions={isMoving(run) && <Cancel run={run} />}
      >
        <State word={run.status} /> · <Time at={run.created_at} />
      </PageHeader>
      <Unreadable directory={directory.data} />
      {isMoving(run) && <Moving run={run} />}
      {run.error && <Halted run={run} />}
      {isConfirmable(run) && <Question run={run} />}
      {counts && <Changes counts={counts} isPlan={isOnlyPlanned(run) || isMoving(run)} />}
      {run.plan && <Plan entries={planOf(run)} />}
      <Section title="About">
        <Facts
          facts={[
            ["Asked by", <Asker key="by" id={run.requested_by} />],
            ["Confirmed by", run.confirmed_by ? <Asker key="by" id={run.confirmed_by} /> : "nobody"],
            ["Started", <Time key="start" at={run.started_at} none="not yet" />],
            ["Finished", <Time key="finish" at={run.finished_at} none="not yet" />],
            ["Pages read", run.progress.pages],
            ["Run id", <CopyText key="id" text={run.id} />],
          ]}
        />
      </Section>
    </>
  );
}

function isOnlyPlanned(run: Run): boolean {
  return run.status === "needs_confirmation" || (run.mode === "plan" && !run.confirmed_by);
}

/** A confirmed run is the same run once more, so that what is done is what was shown. */
function isConfirmable(run: Run): boolean {
  return run.status === "needs_confirmation" || (run.mode === "plan" && run.status === "completed" && !run.confirmed_by);
}

function Moving({ run }: { run: Run }) {
  const part = fraction(run);
  const { users_seen: users, groups_seen: groups, users_expected: expected } = run.progress;
  const of = expected ? ` of about ${counted(expected, "person", "people")}` : "";
  return (
    <Section title={run.status === "queued" ? "Waiting for a worker" : "Reading the directory"}>
      <Progress value={part === null ? undefined : part * 100} duration={part === null ? "10s" : undefined} aria-label="Progress" />
      <Text as="p" size="2" mt="2" role="status">
        {counted(users, "person", "people")}
        {of} and {counted(groups, "group", "groups")} read so far.
      </Text>
    </Section>
  );
}

function Halted({ run }: { run: Run }) {
  return (
    <Callout.Root highContrast color={run.status === "needs_confirmation" ? "amber" : "red"} role="alert" mb="4">
      <Callout.Text>
        <strong>{run.status === "needs_confirmation" ? "This sync was held." : "This sync did not finish."}</strong>{" "}
        {run.error?.detail}
      </Callout.Text>
    </Callout.Root>
  );
}

function Question({ run }: { run: Run }) {
  const queries = useQueryClient();
  const isHeld = run.status === "needs_confirmation";
  const losing = planOf(run).filter(({ action }) => action === "deactivate").length;
  const path = { directory_id: run.directory_id, run_id: run.id };
  const confirm = async () => {
    const next = await answer(api.POST("/api/directories/{directory_id}/syncs/{run_id}/confirm", { params: { path } }));
    await written(queries, ["sync", run.id], next);
    notify("Confirmed. The directory is read once more and the changes are made.");
  };
  return (
    <Flex mb="4" gap="3" align="center" wrap="wrap">
      <Confirm
        trigger={<Button color={isHeld ? "red" : undefined}>{isHeld ? "Make these changes" : "Do what the preview shows"}</Button>}
        title="Make these changes?"
        text={
          losing > 0
            ? `${counted(losing, "person loses", "people lose")} access at once. The list is below.`
            : "The changes below are made at once."
        }
        action="Make the changes"
        danger={losing > 0}
        onConfirm={confirm}
      />
      {isHeld && (
        <Text size="2" color="gray">
          If this is not what you expect, change nothing here and look at your identity provider first.
        </Text>
      )}
    </Flex>
  );
}

function Cancel({ run }: { run: Run }) {
  const queries = useQueryClient();
  const path = { directory_id: run.directory_id, run_id: run.id };
  const cancelling = useMutation({
    mutationFn: () => answer(api.POST("/api/directories/{directory_id}/syncs/{run_id}/cancel", { params: { path } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sync", run.id] }),
  });
  return (
    <>
      <Button variant="soft" color="gray" loading={cancelling.isPending} onClick={() => cancelling.mutate()}>
        Cancel
      </Button>
      <ProblemNote error={cancelling.error} />
    </>
  );
}
