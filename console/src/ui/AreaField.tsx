/** A labelled text of several lines with its hint and its fault. */
import { TextArea } from "@radix-ui/themes";
import type { ComponentProps } from "react";

import { Labelled, type LabelledProps } from "./Labelled";

export function AreaField({ label, hint, fault, ...area }: Omit<LabelledProps, "quiet"> & ComponentProps<typeof TextArea>) {
  return (
    <Labelled label={label} hint={hint} fault={fault}>
      {(tied) => <TextArea spellCheck={false} {...tied} {...area} />}
    </Labelled>
  );
}
