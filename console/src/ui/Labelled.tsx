/** What surrounds every control of a form: its label, its hint, its fault. */
import { Text } from "@radix-ui/themes";
import { useId, type ReactNode } from "react";

export interface LabelledProps {
  label: string;
  hint?: ReactNode;
  fault?: string | null;
  /** The label is read aloud but not shown. */
  quiet?: boolean;
}

/** What ties a control to its label, hint and fault. */
export interface Tied {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid": boolean;
}

export function Labelled({ label, hint, fault, quiet = false, children }: LabelledProps & { children: (tied: Tied) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium" className={quiet ? "unseen" : undefined}>
        {label}
      </Text>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": Boolean(fault) })}
      {hint && (
        <Text as="p" id={`${id}-hint`} size="1" color="gray">
          {hint}
        </Text>
      )}
      {fault && (
        <Text as="p" id={`${id}-fault`} size="1" color="red" role="alert">
          {fault}
        </Text>
      )}
    </div>
  );
}
