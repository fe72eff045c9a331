/** A labelled choice out of a few: the browser's own control, which works with every keyboard and thumb. */
import { Text } from "@radix-ui/themes";
import { useId, type ComponentProps, type ReactNode } from "react";

export interface Option {
  value: string;
  title: string;
}

interface ChoiceProps extends ComponentProps<"select"> {
  label: string;
  options: readonly Option[];
  hint?: ReactNode;
  /** The label is read aloud but not shown. */
  quiet?: boolean;
}

export function Choice({ label, options, hint, quiet = false, ...select }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium" className={quiet ? "unseen" : undefined}>
        {label}
      </Text>
      <select id={id} className="choice" aria-describedby={hint ? `${id}-hint` : undefined} {...select}>
        {options.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      {hint && (
        <Text as="p" id={`${id}-hint`} size="1" color="gray">
          {hint}
        </Text>
      )}
    </div>
  );
}
