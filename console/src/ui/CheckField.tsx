/** Something that is on or off, with what that means. */
import { Checkbox, Text } from "@radix-ui/themes";
import { useId } from "react";

interface CheckFieldProps {
  label: string;
  hint: string;
  checked: boolean;
  onChange: (isOn: boolean) => void;
}

export function CheckField({ label, hint, checked, onChange }: CheckFieldProps) {
  const id = useId();
  return (
    <div className="check-field">
      <Checkbox id={id} checked={checked} aria-describedby={`${id}-hint`} onCheckedChange={(isOn) => onChange(isOn === true)} />
      <div>
        <Text as="label" htmlFor={id} size="2" weight="medium">
          {label}
        </Text>
        <Text as="p" id={`${id}-hint`} size="1" color="gray">
          {hint}
        </Text>
      </div>
    </div>
  );
}
