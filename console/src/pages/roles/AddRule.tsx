/** A new rule: a group of a directory, or the name of one that is yet to come, and a role. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";

import { useMe } from "../../session/useSession";
import { Choice } from "../../ui/Choice";
import { roleName } from "../../ui/names";
import { ProblemNote } from "../../ui/states";
import { grantable } from "../person/roles";
import { aboutGroup, type Draft, type Found, type Role } from "./drafts";
import { GroupField } from "./GroupField";
import { groupsNamed } from "./groups";
import { WhichGroup } from "./WhichGroup";

interface AddRuleProps {
  organization: string;
  onAdd: (draft: Draft) => void;
}

export function AddRule({ organization, onAdd }: AddRuleProps) {
  const { session } = useMe();
  const roles = grantable(session.roles);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role | null>(null);
  const [count, setCount] = useState(0);
  const title = name.trim();
  const add = (group: Found["group"] | undefined) => {
    onAdd({ key: `new-${count}`, role: role ?? roles.at(-1) ?? "ROLE_MEMBER", ...aboutGroup(title, group) });
    setCount(count + 1);
    type("");
  };
  const looking = useMutation({
    mutationFn: () => groupsNamed(organization, title),
    // Here and not at the call: the rules may be edited while it is on its way, and it is added to those.
    onSuccess: (found) => {
      if (found.length < 2) add(found[0]?.group);
    },
  });
  const type = (next: string) => {
    looking.reset();
    setName(next);
  };
  const found = looking.data ?? [];
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = new FormData(event.currentTarget).get("group");
    if (found.length > 1) add(found.find(({ group }) => group.id === chosen)?.group);
    else looking.mutate();
  };
  return (
    <>
      <form className="filters add-rule" onSubmit={submit}>
        <GroupField organization={organization} name={name} isFixed={looking.isPending} onChange={type} />
        {found.length > 1 && <WhichGroup found={found} />}
        <Choice
          label="gets the role"
          value={role ?? roles.at(-1)}
          options={roles.map((value) => ({ value, title: roleName(value) }))}
          onChange={(event) => setRole(event.target.value as Role)}
        />
        <Button variant="soft" disabled={!title} loading={looking.isPending}>
          <PlusIcon /> Add rule
        </Button>
      </form>
      <ProblemNote error={looking.error} />
    </>
  );
}
