/** A labelled input with its hint and its fault. */
import { TextField } from "@radix-ui/themes";
import type { ComponentProps } from "react";

import { Labelled, type LabelledProps } from "./Labelled";

export function Field({ label, hint, fault, ...input }: Omit<LabelledProps, "quiet"> & ComponentProps<typeof TextField.Root>) {
  return (
    <Labelled label={label} hint={hint} fault={fault}>
      {(tied) => <TextField.Root size="3" {...tied} {...input} />}
    </Labelled>
  );
}
