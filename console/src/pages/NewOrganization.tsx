/** A new organization: made at WorkOS too, or linked to one that is there already. */
import { Button, SegmentedControl } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Navigate } from "react-router";

import { answer, api } from "../api/client";
import { AnswerLost, Problem } from "../api/problem";
import { Field } from "../ui/Field";
import { formText } from "../ui/forms";
import { PageHeader } from "../ui/PageHeader";
import { ProblemNote } from "../ui/states";
import { notify } from "../ui/notify";
import { useUnsaved } from "../ui/useUnsaved";

type Kind = "new" | "linked";

export function Page() {
  const [kind, setKind] = useState<Kind>("new");
  const queries = useQueryClient();
  const [isTyped, setTyped] = useState(false);
  const creating = useMutation({
    mutationFn: (body: { name: string; workos_id?: string }) => answer(api.POST("/api/organizations", { body })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["organizations"] });
      notify(kind === "linked" ? "Linked. Its domains, connections and directories have been imported." : "The organization has been created.");
    },
    // It may have been made although nobody said so: then it must stand in the list.
    onError: () => queries.invalidateQueries({ queryKey: ["organizations"] }),
  });
  // Of an answer that was lost they are told to look elsewhere: that may not be asked about.
  useUnsaved(isTyped && !creating.isSuccess && !(creating.error instanceof AnswerLost));
  // Not where the answer comes: what is typed counts as unsaved until this is drawn anew.
  if (creating.isSuccess) return <Navigate to={`/organizations/${creating.data.id}`} />;
  const faults = creating.error instanceof Problem ? creating.error.fields : [];
  const faultOf = (name: string) => faults.find(({ field }) => field === name)?.message;
  return (
    <>
      <PageHeader title="Add organization" above={{ to: "/organizations", title: "Organizations" }} />
      <form
        className="form narrow"
        onInput={({ currentTarget: form }) => setTyped(["name", "workos_id"].some((name) => formText(form, name) !== ""))}
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const linked = kind === "linked" ? { workos_id: formText(form, "workos_id") } : {};
          creating.mutate({ name: formText(form, "name"), ...linked });
        }}
      >
        <SegmentedControl.Root value={kind} onValueChange={(value) => setKind(value as Kind)} aria-label="Where it comes from">
          <SegmentedControl.Item value="new">New at WorkOS</SegmentedControl.Item>
          <SegmentedControl.Item value="linked">Already at WorkOS</SegmentedControl.Item>
        </SegmentedControl.Root>
        <Field label="Name" name="name" required maxLength={200} fault={faultOf("name")} />
        {kind === "linked" && (
          <Field
            label="WorkOS organization id"
            name="workos_id"
            required
            placeholder="org_…"
            hint="Its domains, connections and directories are imported at once, and a first sync is queued."
            fault={faultOf("workos_id")}
          />
        )}
        <ProblemNote error={creating.error} />
        <Button size="3" loading={creating.isPending}>
          {kind === "linked" ? "Link organization" : "Create organization"}
        </Button>
      </form>
    </>
  );
}
