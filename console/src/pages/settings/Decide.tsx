/** The end of a rotation: the new secret in the old one's place, or not. */
import { Button, Flex } from "@radix-ui/themes";

import { Confirm } from "../../ui/Confirm";
import { notify } from "../../ui/notify";
import { SECRETS, type SecretKind, type Settings } from "./settings";
import { step, useWriting } from "./writing";

export function Decide({ kind, settings }: { kind: SecretKind; settings: Settings }) {
  const { staged } = settings.rotation[kind];
  const taking = useWriting((wanted: "promote" | "rollback") => step(settings.version, { secret: kind, step: wanted }));
  const take = async (wanted: "promote" | "rollback") => {
    await taking.mutateAsync(wanted);
    notify(wanted === "promote" ? `The new ${SECRETS[kind]} alone counts now.` : `The old ${SECRETS[kind]} alone counts again.`);
  };
  const newOne = `…${staged?.last_four ?? ""}`;
  return (
    <Flex gap="3" wrap="wrap">
      <Confirm
        trigger={<Button size="1">Promote</Button>}
        title={`Promote ${newOne}?`}
        text={`From then on the old ${SECRETS[kind]} does not count here. WorkOS is asked first.`}
        action="Promote"
        danger={false}
        onConfirm={() => take("promote")}
      />
      <Confirm
        trigger={
          <Button size="1" variant="soft" color="gray">
            Roll back
          </Button>
        }
        title={`Give ${newOne} up?`}
        text={`The new ${SECRETS[kind]} is dropped; the old one alone counts.`}
        action="Roll back"
        onConfirm={() => take("rollback")}
      />
    </Flex>
  );
}
