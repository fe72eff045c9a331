/** A labelled input with its hint and its fault. */
import { Text, TextField } from "@radix-ui/themes";
import { useId, type ComponentProps, type ReactNode } from "react";

interface FieldProps extends ComponentProps<typeof TextField.Root> {
  label: string;
  hint?: ReactNode;
  fault?: string | null;
}

export function Field({ label, hint, fault, ...input }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextField.Root id={id} size="3" aria-describedby={described || undefined} aria-invalid={Boolean(fault)} {...input} />
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
