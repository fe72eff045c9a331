/** Another name for an organization. */
import { Button, Dialog, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { Field } from "../../ui/Field";
import { formText } from "../../ui/forms";
import { ProblemNote } from "../../ui/states";

export function Rename({ organization }: { organization: Schemas["OrganizationShape"] }) {
  const queries = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const renaming = useMutation({
    mutationFn: (name: string) =>
      answer(
        api.PATCH("/api/organizations/{organization_id}", {
          params: { path: { organization_id: organization.id } },
          body: { name },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("organization") });
      setIsOpen(false);
    },
  });
  return (
    <Dialog.Root open={isOpen} onOpenChange={setIsOpen}>
      <Dialog.Trigger>
        <Button variant="soft" color="gray">
          Rename
        </Button>
      </Dialog.Trigger>
      <Dialog.Content maxWidth="440px">
        <Dialog.Title>Rename this organization</Dialog.Title>
        <Dialog.Description size="2" mb="3">
          Its name here; at WorkOS it keeps the one that it has.
        </Dialog.Description>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            renaming.mutate(formText(event.currentTarget, "name"));
          }}
        >
          <Field label="Name" name="name" defaultValue={organization.name} required maxLength={200} />
          <ProblemNote error={renaming.error} />
          <Flex gap="3" justify="end">
            <Dialog.Close>
              <Button type="button" variant="soft" color="gray">
                Cancel
              </Button>
            </Dialog.Close>
            <Button loading={renaming.isPending}>Rename</Button>
          </Flex>
        </form>
      </Dialog.Content>
    </Dialog.Root>
  );
}
