/** The policy: who may sign in, as whom, for how long. Nothing counts before it is saved, and whom it locks out is said before. */
import { Button, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { Confirm } from "../../ui/Confirm";
import { notify } from "../../ui/notify";
import { Outdated } from "../../ui/Outdated";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";
import { leaveConflict, useDraft, useSave } from "../../ui/useDraft";
import { LockedOut } from "./LockedOut";
import { lockoutOf } from "./lockout";
import { PolicyFields } from "./PolicyFields";
import { cautions, changesOf, type Policy, type PolicyChange } from "./policy";

/** The policy with what was changed of it, and how that is saved. */
function usePolicyDraft(saved: Policy) {
  const { organization_id: organization } = saved;
  const queries = useQueryClient();
  const over = (typed: PolicyChange | null): Policy => ({ ...saved, ...typed });
  const draft = useDraft<PolicyChange>(saved.version, (typed) => Object.keys(changesOf(saved, over(typed))).length > 0);
  const policy = over(draft.typed);
  const change = changesOf(saved, policy);
  const send = useSave(["sso-policy", organization], (confirm: boolean) =>
    answer(
      api.PATCH("/api/organizations/{organization_id}/sso", {
        params: { path: { organization_id: organization }, header: { "if-match": `"${draft.begunAt}"` } },
        body: { ...change, confirm },
      }),
    ),
  );
  const save = async (confirm: boolean) => {
    await send(confirm);
    await queries.invalidateQueries({ predicate: ({ queryKey }) => ["people", "person", "why"].includes(String(queryKey[0])) });
    notify("The policy is saved and applies to everybody now.");
  };
  return { draft, policy, change, save };
}

export function PolicyForm({ saved }: { saved: Policy }) {
  const { draft, policy, change, save } = usePolicyDraft(saved);
  const saving = useMutation({ mutationFn: save });
  // Whom it would lock out was told about the policy that was in force, and about this change of it.
  const lockout = draft.typed && !draft.isOutdated ? lockoutOf(saving.error) : null;
  const begin = (turn: () => void) => {
    saving.reset();
    turn();
  };
  return (
    <Section title="Policy">
      <PolicyFields draft={policy} onChange={(next) => begin(() => draft.edit(changesOf(saved, next)))} />
      {draft.isOutdated && (
        <Outdated what="policy" version={saved.version} onGoOn={() => begin(draft.goOn)} onTheirs={() => begin(draft.discard)} />
      )}
      {lockout && <LockedOut lockout={lockout} onConfirm={() => save(true)} />}
      {draft.typed && (
        <Flex gap="3" mt="4" wrap="wrap">
          {!lockout && (
            <SavePolicy
              warnings={cautions(change)}
              isOutdated={draft.isOutdated}
              isPending={saving.isPending}
              onSave={() => saving.mutateAsync(false)}
            />
          )}
          <Button variant="soft" color="gray" onClick={() => begin(draft.discard)}>
            Discard changes
          </Button>
        </Flex>
      )}
      {!lockout && !draft.isOutdated && <ProblemNote error={saving.error} />}
    </Section>
  );
}

interface SavePolicyProps {
  warnings: string[];
  isOutdated: boolean;
  isPending: boolean;
  onSave: () => Promise<void>;
}

function SavePolicy({ warnings, isOutdated, isPending, onSave }: SavePolicyProps) {
  if (warnings.length > 0)
    return (
      <Confirm
        trigger={
          <Button loading={isPending} disabled={isOutdated}>
            Save policy
          </Button>
        }
        title="Save this policy?"
        text={warnings.join(" ")}
        action="Save policy"
        onConfirm={() => onSave().catch(leaveLockout).catch(leaveConflict)}
      />
    );
  return (
    // What went wrong stands below.
    <Button loading={isPending} disabled={isOutdated} onClick={() => void onSave().catch(() => undefined)}>
      Save policy
    </Button>
  );
}

/** Whom a change locks out is said on the page, so the question before it is answered. */
function leaveLockout(error: unknown): void {
  if (!lockoutOf(error)) throw error;
}
