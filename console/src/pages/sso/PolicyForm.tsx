/** The policy: who may sign in, as whom, for how long. Nothing counts before it is saved, and whom it locks out is said before. */
import { Button, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api } from "../../api/client";
import { Confirm } from "../../ui/Confirm";
import { notify } from "../../ui/notify";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";
import { written } from "../../ui/written";
import { LockedOut } from "./LockedOut";
import { lockoutOf } from "./lockout";
import { PolicyFields } from "./PolicyFields";
import { cautions, changesOf, type Policy } from "./policy";

export function PolicyForm({ saved }: { saved: Policy }) {
  const { organization_id: organization, version } = saved;
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const change = changesOf(saved, draft);
  const warnings = cautions(change);
  const save = async (confirm: boolean) => {
    const next = await answer(
      api.PATCH("/api/organizations/{organization_id}/sso", {
        params: { path: { organization_id: organization }, header: { "if-match": `"${version}"` } },
        body: { ...change, confirm },
      }),
    );
    await written(queries, ["sso-policy", organization], next);
    await queries.invalidateQueries({ predicate: ({ queryKey }) => ["people", "person", "why"].includes(String(queryKey[0])) });
    notify("The policy is saved and counts for everybody now.");
  };
  const saving = useMutation({ mutationFn: save });
  const lockout = lockoutOf(saving.error);
  const edit = (next: Policy) => {
    saving.reset();
    setDraft(next);
  };
  return (
    <Section title="Policy">
      <PolicyFields draft={draft} onChange={edit} />
      {lockout && <LockedOut lockout={lockout} onConfirm={() => save(true)} />}
      {Object.keys(change).length > 0 && (
        <Flex gap="3" mt="4" wrap="wrap">
          {warnings.length > 0 && !lockout ? (
            <Confirm
              trigger={<Button loading={saving.isPending}>Save policy</Button>}
              title="Save this policy?"
              text={warnings.join(" ")}
              action="Save policy"
              onConfirm={() => saving.mutateAsync(false).catch(leaveLockout)}
            />
          ) : (
            !lockout && (
              <Button loading={saving.isPending} onClick={() => saving.mutate(false)}>
                Save policy
              </Button>
            )
          )}
          <Button variant="soft" color="gray" onClick={() => edit(saved)}>
            Discard changes
          </Button>
        </Flex>
      )}
      {!lockout && <ProblemNote error={saving.error} />}
    </Section>
  );
}

/** Whom a change locks out is said on the page, so the question before it is answered. */
function leaveLockout(error: unknown): void {
  if (!lockoutOf(error)) throw error;
}
