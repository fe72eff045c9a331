/** A labelled text of several lines, one thing in each. */
import { Text, TextArea } from "@radix-ui/themes";
import { useId } from "react";

interface LinesFieldProps {
  label: string;
  name: string;
  lines: readonly string[];
  required?: boolean;
}

export function LinesField({ label, name, lines, required }: LinesFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextArea
        id={id}
        name={name}
        defaultValue={lines.join("\n")}
        rows={Math.max(2, lines.length)}
        required={required}
        spellCheck={false}
      />
    </div>
  );
}
