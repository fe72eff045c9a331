/** Roles that an administrator gives beside those of the rules; none above one's own. */
import { Button, Checkbox, Flex, Text } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { roleName } from "../../ui/names";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";
import { notify } from "../../ui/notify";
import { useUnsaved } from "../../ui/useUnsaved";
import { grantable, type Role } from "./roles";
import { useConfirmable } from "./useConfirmable";

type Person = Schemas["UserShape"];

export function ManualRoles({ person }: { person: Person }) {
  const { session } = useMe();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<readonly Role[] | null>(null);
  useUnsaved(chosen !== null);
  const roles = chosen ?? person.manual_roles;
  const change = useConfirmable(async (confirm) => {
    await answer(
      api.PUT("/api/users/{person_id}/roles", {
        params: { path: { person_id: person.id } },
        body: { roles: [...roles], confirm },
      }),
    );
    await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes(person.id) || queryKey[0] === "people" });
    setChosen(null);
    notify("The roles are saved.");
  });
  const saving = useMutation({ mutationFn: change.run });
  const choose = (next: readonly Role[] | null) => {
    saving.reset();
    change.reset();
    setChosen(next);
  };
  const turn = (role: Role, isOn: boolean) => choose(isOn ? [...roles, role] : roles.filter((one) => one !== role));
  return (
    <Section title="Roles by hand" text="They come on top of what the rules give, and stay until somebody takes them away.">
      <Flex direction="column" gap="2" role="group" aria-label="Roles by hand">
        {grantable(session.roles).map((role) => (
          <Text as="label" key={role} size="2">
            <Flex gap="2" align="center">
              <Checkbox
                checked={roles.includes(role)}
                disabled={saving.isPending}
                onCheckedChange={(isOn) => turn(role, isOn === true)}
              />
              {roleName(role)}
            </Flex>
          </Text>
        ))}
      </Flex>
      {chosen && (
        <Flex gap="3" mt="3">
          <Button loading={saving.isPending} onClick={() => saving.mutate()}>
            {change.isAsked ? "Save all the same" : "Save roles"}
          </Button>
          <Button variant="soft" color="gray" disabled={saving.isPending} onClick={() => choose(null)}>
            Discard
          </Button>
        </Flex>
      )}
      <ProblemNote error={saving.error} />
    </Section>
  );
}
