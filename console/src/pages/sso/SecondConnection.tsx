/** A warning before a second connection: without a default one, no sign-in would know which is meant, and nobody got in. */
import { Button, Callout, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { Name } from "../../ui/Name";
import { notify } from "../../ui/notify";
import { ProblemNote } from "../../ui/states";
import { written } from "../../ui/written";
import { usePolicy } from "./usePolicy";

export function SecondConnection({ first }: { first: Schemas["ConnectionShape"] }) {
  const organization = first.organization_id;
  const queries = useQueryClient();
  const policy = usePolicy(organization).data;
  const choosing = useMutation({
    mutationFn: () =>
      answer(
        api.PATCH("/api/organizations/{organization_id}/sso", {
          params: { path: { organization_id: organization }, header: { "if-match": `"${policy?.version ?? 0}"` } },
          body: { default_connection: first.id, confirm: false },
        }),
      ),
    onSuccess: async (next) => {
      await written(queries, ["sso-policy", organization], next);
      notify(`${first.name} is the default connection now.`);
    },
  });
  if (!policy || policy.default_connection) return null;
  return (
    <Flex direction="column" gap="3">
      <Callout.Root highContrast color="amber" size="1" role="alert">
        <Callout.Text>
          People sign in by <Name>{first.name}</Name>. With a second connection and no default one, nobody can sign in, because it
          is not clear which one to use. Choose the default first.
        </Callout.Text>
      </Callout.Root>
      <div>
        <Button type="button" variant="soft" loading={choosing.isPending} onClick={() => choosing.mutate()}>
          Make {first.name} the default
        </Button>
      </div>
      <ProblemNote error={choosing.error} />
    </Flex>
  );
}
