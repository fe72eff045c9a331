/** The rules in their order, to be moved, changed, added and taken away; nothing counts before it is saved. */
import { Button, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { Confirm } from "../../ui/Confirm";
import { Empty, ProblemNote } from "../../ui/states";
import { notify } from "../../ui/notify";
import { written } from "../../ui/written";
import { AddRule } from "./AddRule";
import { Consequences, usePreview, warned } from "./Consequences";
import { draftsOf, isSame, moved, requested, type Draft } from "./drafts";
import { RuleRow } from "./RuleRow";

export function RuleEditor({ mappings }: { mappings: Schemas["MappingsShape"] }) {
  const { organization_id: organization } = mappings;
  const queries = useQueryClient();
  const saved = draftsOf(mappings);
  const [drafts, setDrafts] = useState<readonly Draft[]>(saved);
  const isChanged = !isSame(drafts, saved);
  const preview = usePreview(organization, requested(drafts), isChanged);
  const save = async () => {
    const next = await answer(
      api.PUT("/api/organizations/{organization_id}/role-mappings", {
        params: { path: { organization_id: organization }, header: { "if-match": `"${mappings.version}"` } },
        body: { rules: requested(drafts) },
      }),
    );
    await written(queries, ["role-mappings", organization], next);
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "people" || queryKey[0] === "person" });
    notify("The rules are saved and count for everybody now.");
  };
  const saving = useMutation({ mutationFn: save });
  const warnings = preview.data?.warnings ?? [];
  const losing = preview.data?.lost ?? 0;
  const change = (index: number, next: Partial<Draft>) =>
    setDrafts(drafts.map((draft, at) => (at === index ? { ...draft, ...next } : draft)));
  return (
    <>
      {drafts.length === 0 && <Empty title="No rule.">Everybody gets the default role.</Empty>}
      <ol className="rules" aria-label="Rules">
        {drafts.map((draft, index) => (
          <RuleRow
            key={draft.key}
            draft={draft}
            index={index}
            count={drafts.length}
            onChange={(next) => change(index, next)}
            onMove={(from, to) => setDrafts(moved(drafts, from, to))}
            onRemove={() => setDrafts(drafts.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      <AddRule organization={organization} onAdd={(draft) => setDrafts([...drafts, draft])} />
      {isChanged && (
        <>
          <Consequences preview={preview} />
          <Flex gap="3" mt="4" wrap="wrap">
            {warnings.length > 0 || losing > 0 ? (
              <Confirm
                trigger={<Button disabled={!preview.data}>Save rules</Button>}
                title="Save these rules?"
                text={[...warnings.map(warned), `${losing} lose a role.`].join(" ")}
                action="Save rules"
                onConfirm={save}
              />
            ) : (
              <Button loading={saving.isPending} disabled={preview.isPending} onClick={() => saving.mutate()}>
                Save rules
              </Button>
            )}
            <Button variant="soft" color="gray" onClick={() => setDrafts(saved)}>
              Discard changes
            </Button>
          </Flex>
          <ProblemNote error={saving.error} />
        </>
      )}
    </>
  );
}
