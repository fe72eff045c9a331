/** What edited rules would change, and how they are saved: only those whose consequences stand on the page. */
import { Button, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { Confirm } from "../../ui/Confirm";
import { notify } from "../../ui/notify";
import { Outdated } from "../../ui/Outdated";
import { ProblemNote } from "../../ui/states";
import { leaveConflict, useSave, type Drafted } from "../../ui/useDraft";
import { Consequences, usePreview, warned } from "./Consequences";
import { draftsOf, requested, type Draft } from "./drafts";

type Mappings = Schemas["MappingsShape"];

interface SaveRulesProps {
  mappings: Mappings;
  draft: Drafted<readonly Draft[]>;
  rules: readonly Draft[];
}

/** Returns how the rules are saved over the version that was seen. */
function useSaveRules({ mappings, draft, rules }: SaveRulesProps) {
  const { organization_id: organization } = mappings;
  const queries = useQueryClient();
  const send = useSave(["role-mappings", organization], async () => {
    const next = await answer(
      api.PUT("/api/organizations/{organization_id}/role-mappings", {
        params: { path: { organization_id: organization }, header: { "if-match": `"${draft.begunAt}"` } },
        body: { rules: requested(rules) },
      }),
    );
    draft.edit(draftsOf(next));
    return next;
  });
  return async () => {
    await send();
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "people" || queryKey[0] === "person" });
    notify("The rules are saved and apply to everybody now.");
  };
}

export function SaveRules(props: SaveRulesProps) {
  const { mappings, draft, rules } = props;
  const preview = usePreview(mappings, requested(rules));
  const save = useSaveRules(props);
  const saving = useMutation({ mutationFn: save });
  // Rules whose consequences nobody saw may take the last administrator's role.
  const isKnown = preview.isSuccess && !preview.isFetching;
  const begin = (turn: () => void) => () => {
    saving.reset();
    turn();
  };
  return (
    <>
      <Consequences preview={preview} />
      {draft.isOutdated && (
        <Outdated what="rules" version={mappings.version} onGoOn={begin(draft.goOn)} onTheirs={begin(draft.discard)}>
          Your rules are shown above. Saving replaces theirs.
        </Outdated>
      )}
      <Flex gap="3" mt="4" wrap="wrap">
        <SaveButton
          warnings={preview.data?.warnings.map(warned) ?? []}
          losing={preview.data?.lost ?? 0}
          isOff={!isKnown || draft.isOutdated}
          saving={saving}
          save={save}
        />
        <Button variant="soft" color="gray" onClick={begin(draft.discard)}>
          Discard changes
        </Button>
      </Flex>
      {!draft.isOutdated && <ProblemNote error={saving.error} />}
    </>
  );
}

interface SaveButtonProps {
  warnings: string[];
  losing: number;
  isOff: boolean;
  saving: UseMutationResult<void, Error, void>;
  save: () => Promise<void>;
}

function SaveButton({ warnings, losing, isOff, saving, save }: SaveButtonProps) {
  if (warnings.length > 0 || losing > 0)
    return (
      <Confirm
        trigger={<Button disabled={isOff}>Save rules</Button>}
        title="Save these rules?"
        text={[...warnings, `${losing} lose a role.`].join(" ")}
        action="Save rules"
        onConfirm={() => save().catch(leaveConflict)}
      />
    );
  return (
    <Button loading={saving.isPending} disabled={isOff} onClick={() => saving.mutate()}>
      Save rules
    </Button>
  );
}
