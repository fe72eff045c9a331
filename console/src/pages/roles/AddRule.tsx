/** A new rule: a group of a directory, or the name of one that is yet to come, and a role. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button, TextField } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import { useId, useState, type SyntheticEvent } from "react";

import { answer, api } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Choice } from "../../ui/Choice";
import { roleName } from "../../ui/names";
import { grantable } from "../person/roles";
import type { Draft, Role } from "./drafts";

/** Returns the groups of an organization's directories, the first hundred of each. */
function useGroups(organization: string) {
  return useQuery({
    queryKey: ["groups-of", organization],
    queryFn: async () => {
      const directories = await answer(api.GET("/api/directories", { params: { query: { organization } } }));
      const lists = await Promise.all(
        directories.data
          .filter(({ state }) => state !== "deleted")
          .map(({ id }) =>
            answer(
              api.GET("/api/directories/{directory_id}/groups", {
                params: { path: { directory_id: id }, query: { limit: 100 } },
              }),
            ),
          ),
      );
      return lists.flatMap(({ data }) => data);
    },
  });
}

export function AddRule({ organization, onAdd }: { organization: string; onAdd: (draft: Draft) => void }) {
  const { session } = useMe();
  const id = useId();
  const groups = useGroups(organization).data ?? [];
  const roles = grantable(session.roles);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role | null>(null);
  const [count, setCount] = useState(0);
  const add = (event: SyntheticEvent) => {
    event.preventDefault();
    const title = name.trim();
    if (!title) return;
    const group = groups.find((one) => one.name === title);
    onAdd({
      key: `new-${count}`,
      role: role ?? roles.at(-1) ?? "ROLE_MEMBER",
      groupId: group?.id ?? null,
      groupName: group ? null : title,
      directoryId: null,
      title,
      members: group?.members_count ?? null,
    });
    setCount(count + 1);
    setName("");
  };
  return (
    <form className="filters add-rule" onSubmit={add}>
      <div className="field field-wide">
        <label htmlFor={id} className="label">
          Group
        </label>
        <TextField.Root
          id={id}
          list={`${id}-groups`}
          value={name}
          maxLength={1000}
          placeholder="A group of the directory, or its name"
          onChange={(event) => setName(event.target.value)}
        />
        <datalist id={`${id}-groups`}>
          {groups.map((group) => (
            <option key={group.id} value={group.name} />
          ))}
        </datalist>
      </div>
      <Choice
        label="gets the role"
        value={role ?? roles.at(-1)}
        options={roles.map((value) => ({ value, title: roleName(value) }))}
        onChange={(event) => setRole(event.target.value as Role)}
      />
      <Button variant="soft" disabled={!name.trim()}>
        <PlusIcon /> Add rule
      </Button>
    </form>
  );
}
