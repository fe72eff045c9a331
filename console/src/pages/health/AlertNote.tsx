/** Of an alert: whom or what it is about, who has looked at it, and that one has looked at it oneself. */
import { Button, Code, Text } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Name } from "../../ui/Name";
import { notify } from "../../ui/notify";
import { ProblemNote } from "../../ui/states";
import { Time } from "../../ui/Time";
import type { Indicator } from "./indicators";

type Alert = Indicator["objects"][number];

/** Whom or what an alert is about. */
export function Subject({ alert: { name, subject, subject_name: called } }: { alert: Alert }) {
  if (name === "new_administrator") {
    return <Link to={`/people/${subject}`}>{called ? <Name>{called}</Name> : "Who it is"}</Link>;
  }
  return (
    <bdi className="name">
      <Code>{subject}</Code>
    </bdi>
  );
}

/** Who has looked at it and when; else the button that says so, for whom it is theirs to say. */
export function Looked({ alert }: { alert: Alert }) {
  const { can } = useMe();
  const place = useRef<HTMLDivElement>(null);
  const acknowledging = useAcknowledging(alert);
  const { acknowledged } = alert;
  const say = () => {
    // The button goes once it is said: without a place that stays, Tab would begin at the top of the page again.
    place.current?.focus();
    acknowledging.mutate();
  };
  return (
    <div ref={place} tabIndex={-1}>
      {acknowledged ? (
        <Text size="1" color="gray">
          <By name={acknowledged.by.name} /> looked at it <Time at={acknowledged.at} />.
        </Text>
      ) : (
        can("alerts:acknowledge") && (
          <Button size="1" variant="soft" loading={acknowledging.isPending} onClick={say}>
            I have looked at it
          </Button>
        )
      )}
      <ProblemNote error={acknowledging.error} />
    </div>
  );
}

/** Nobody sees the names of people of another organization: an operator's are not a customer's to know. */
function By({ name }: { name: string | null }) {
  return name ? <Name>{name}</Name> : "An operator, or somebody who is gone,";
}

function useAcknowledging({ id, count }: Alert) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/audit/alerts/{alert_id}/acknowledge", { params: { path: { alert_id: id } }, body: { count: count ?? 1 } }),
      ),
    onSuccess: () => notify("It counts no more until it happens again."),
    onSettled: () => queries.invalidateQueries({ queryKey: ["integration-status"] }),
  });
}
