/** A new service client. */
import { PlusIcon } from "@radix-ui/react-icons";
import { Button, Checkbox, Dialog, Flex, Text } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { Field } from "../../ui/Field";
import { formText } from "../../ui/forms";
import { ProblemNote } from "../../ui/states";

type Scope = Schemas["CreateServiceClient"]["scopes"][number];
const SCOPES: readonly [Scope, string][] = [
  ["tokens:introspect", "Ask whether a token is good"],
  ["revocations:read", "Follow what is revoked"],
];

export function NewClient({ onMade }: { onMade: (made: Schemas["ServiceClientWithSecret"]) => Promise<void> }) {
  const [isOpen, setIsOpen] = useState(false);
  const [scopes, setScopes] = useState<readonly Scope[]>(["tokens:introspect"]);
  const queries = useQueryClient();
  const making = useMutation({
    mutationFn: (name: string) => answer(api.POST("/api/service-clients", { body: { name, scopes: [...scopes] } })),
    onSuccess: async (made) => {
      setIsOpen(false);
      await onMade(made);
    },
    // It may have been made although nobody said so, with a secret that nobody saw: then it must stand in the list.
    onError: () => queries.invalidateQueries({ queryKey: ["service-clients"] }),
  });
  const turn = (scope: Scope, isOn: boolean) =>
    setScopes(isOn ? [...scopes, scope] : scopes.filter((one) => one !== scope));
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger>
        <Button>
          <PlusIcon /> Add service client
        </Button>
      </Dialog.Trigger>
      <Dialog.Content maxWidth="440px">
        <Dialog.Title>Add a service client</Dialog.Title>
        <Dialog.Description size="2" mb="3">
          One for each service, so that one can be revoked without the others.
        </Dialog.Description>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            making.mutate(formText(event.currentTarget, "name"));
          }}
        >
          <Field label="Name" name="name" required maxLength={200} placeholder="billing" />
          <Flex direction="column" gap="2" role="group" aria-label="What it may do">
            {SCOPES.map(([scope, title]) => (
              <Text as="label" key={scope} size="2">
                <Flex gap="2" align="center">
                  <Checkbox checked={scopes.includes(scope)} onCheckedChange={(isOn) => turn(scope, isOn === true)} />
                  {title}
                </Flex>
              </Text>
            ))}
          </Flex>
          <ProblemNote error={making.error} />
          <Flex gap="3" justify="end">
            <Dialog.Close>
              <Button type="button" variant="soft" color="gray">
                Cancel
              </Button>
            </Dialog.Close>
            <Button loading={making.isPending} disabled={scopes.length === 0}>
              Add
            </Button>
          </Flex>
        </form>
      </Dialog.Content>
    </Dialog.Root>
  );
}
