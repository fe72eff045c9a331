/** A secret, the one time that it is shown; it is kept nowhere in the browser. */
import { Button, Card, Text } from "@radix-ui/themes";

import type { Schemas } from "../../api/client";
import { CopyText } from "../../ui/CopyText";
import { Facts } from "../../ui/Facts";

export function SecretOnce({ client, onDone }: { client: Schemas["ServiceClientWithSecret"]; onDone: () => void }) {
  return (
    <Card size="2" mb="4" asChild>
      <section aria-label="New secret">
        <Text as="p" weight="medium" mb="2">
          Copy the secret of {client.name} now. Nobody can read it again.
        </Text>
        <Facts
          facts={[
            ["Id (user name)", <CopyText key="id" text={client.id} label="the id" />],
            ["Secret (password)", <CopyText key="secret" text={client.secret} label="the secret" />],
          ]}
        />
        <Button variant="soft" mt="3" onClick={onDone}>
          I have copied it
        </Button>
      </section>
    </Card>
  );
}
