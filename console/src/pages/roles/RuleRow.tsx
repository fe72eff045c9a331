/** One rule: a handle to move it by pointer or arrow keys, its group, its role. */
import { ArrowDownIcon, ArrowUpIcon, DragHandleDots2Icon, TrashIcon } from "@radix-ui/react-icons";
import { IconButton, Text } from "@radix-ui/themes";
import { useState, type DragEvent, type KeyboardEvent } from "react";

import { useMe } from "../../session/useSession";
import { Choice } from "../../ui/Choice";
import { Name } from "../../ui/Name";
import { roleName } from "../../ui/names";
import { grantable } from "../person/roles";
import { membersOf, type Draft, type Role } from "./drafts";

const DRAGGED = "application/x-memberpulse-rule";

interface RuleRowProps {
  draft: Draft;
  /** What the directory of the rule's group is called, where it is one. */
  directory: string | undefined;
  index: number;
  count: number;
  onChange: (next: Partial<Draft>) => void;
  onMove: (from: number, to: number) => void;
  onRemove: () => void;
}

export function RuleRow({ draft, directory, index, count, onChange, onMove, onRemove }: RuleRowProps) {
  const { session } = useMe();
  const [isTarget, setIsTarget] = useState(false);
  const roles = [...new Set([...grantable(session.roles), draft.role])];
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsTarget(false);
    onMove(Number(event.dataTransfer.getData(DRAGGED)), index);
  };
  const allow = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    event.preventDefault();
    setIsTarget(true);
  };
  const byKey = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onMove(index, index + step);
  };
  return (
    <li
      className={isTarget ? "rule rule-target" : "rule"}
      onDragOver={allow}
      onDragLeave={() => setIsTarget(false)}
      onDrop={drop}
    >
      <button
        type="button"
        className="handle"
        draggable
        aria-label={`Rule ${index + 1} of ${count}, ${draft.title}. Move it with the arrow keys.`}
        onDragStart={(event) => event.dataTransfer.setData(DRAGGED, String(index))}
        onKeyDown={byKey}
      >
        <DragHandleDots2Icon />
        <span aria-hidden>{index + 1}</span>
      </button>
      <div className="rule-group">
        <Name>{draft.title}</Name>
        <Text as="p" size="1" color="gray">
          {draft.groupId ? "this very group" : "the group of this name"}
          {directory && (
            <>
              {" of "}
              <Name>{directory}</Name>
            </>
          )}
          {draft.members !== null && ` · ${membersOf(draft.members)}`}
        </Text>
      </div>
      <Choice
        label={`Role of rule ${index + 1}`}
        quiet
        value={draft.role}
        options={roles.map((value) => ({ value, title: roleName(value) }))}
        onChange={(event) => onChange({ role: event.target.value as Role })}
      />
      <div className="rule-buttons">
        <IconButton variant="ghost" color="gray" aria-label={`Move rule ${index + 1} up`} disabled={index === 0} onClick={() => onMove(index, index - 1)}>
          <ArrowUpIcon />
        </IconButton>
        <IconButton variant="ghost" color="gray" aria-label={`Move rule ${index + 1} down`} disabled={index === count - 1} onClick={() => onMove(index, index + 1)}>
          <ArrowDownIcon />
        </IconButton>
        <IconButton variant="ghost" color="red" aria-label={`Remove rule ${index + 1}`} onClick={onRemove}>
          <TrashIcon />
        </IconButton>
      </div>
    </li>
  );
}
