/** The rules in their order, to be moved, changed, added and taken away; nothing counts before it is saved. */
import type { Schemas } from "../../api/client";
import { Empty } from "../../ui/states";
import { useDraft } from "../../ui/useDraft";
import { AddRule } from "./AddRule";
import { draftsOf, isSame, moved, type Draft } from "./drafts";
import { useDirectoryNames } from "./groups";
import { RuleRow } from "./RuleRow";
import { SaveRules } from "./SaveRules";

export function RuleEditor({ mappings }: { mappings: Schemas["MappingsShape"] }) {
  const saved = draftsOf(mappings);
  const draft = useDraft<readonly Draft[]>(mappings.version, (typed) => !isSame(typed, saved));
  const rules = draft.typed ?? saved;
  const directories = useDirectoryNames(mappings.organization_id);
  const change = (index: number, next: Partial<Draft>) =>
    draft.edit(rules.map((rule, at) => (at === index ? { ...rule, ...next } : rule)));
  return (
    <>
      {rules.length === 0 && <Empty title="No rule.">Everybody gets the default role.</Empty>}
      <ol className="rules" aria-label="Rules">
        {rules.map((rule, index) => (
          <RuleRow
            key={rule.key}
            draft={rule}
            directory={directories.get(rule.homeId ?? "")}
            index={index}
            count={rules.length}
            onChange={(next) => change(index, next)}
            onMove={(from, to) => draft.edit(moved(rules, from, to))}
            onRemove={() => draft.edit(rules.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      <AddRule organization={mappings.organization_id} onAdd={(rule) => draft.edit([...rules, rule])} />
      {draft.typed && <SaveRules mappings={mappings} draft={draft} rules={rules} />}
    </>
  );
}
