/** The new secret, put beside the one in force. */
import { Button, Flex } from "@radix-ui/themes";
import { useState, type SyntheticEvent } from "react";

import { Problem } from "../../api/problem";
import { Field } from "../../ui/Field";
import { notify } from "../../ui/notify";
import { ProblemNote } from "../../ui/states";
import { inForce, SECRETS, type SecretKind, type Settings } from "./settings";
import { step, useWriting } from "./writing";

export function Stage({ kind, settings }: { kind: SecretKind; settings: Settings }) {
  const [value, setValue] = useState("");
  const staging = useWriting(() => step(settings.version, { secret: kind, step: "stage", value: value.trim() }));
  const stage = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    staging.mutate(undefined, { onSuccess: () => notify(`The new ${SECRETS[kind]} is staged. Both count now.`) });
  };
  const fields = staging.error instanceof Problem ? staging.error.fields : [];
  return (
    <form className="form" onSubmit={stage}>
      <Field
        label={`New ${SECRETS[kind]}`}
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        disabled={inForce(settings, kind).length === 0}
        value={value}
        fault={fields.find(({ field }) => field === "value")?.message}
        onChange={(event) => setValue(event.target.value)}
      />
      <ProblemNote error={staging.error} />
      <Flex>
        <Button loading={staging.isPending} disabled={value.trim() === ""}>
          Stage
        </Button>
      </Flex>
    </form>
  );
}
