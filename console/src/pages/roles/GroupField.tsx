/** The name of a rule's group, with suggestions. */
import { TextField } from "@radix-ui/themes";
import { useId } from "react";

import { useSuggestions } from "./groups";

interface GroupFieldProps {
  organization: string;
  name: string;
  isFixed: boolean;
  onChange: (name: string) => void;
}

export function GroupField({ organization, name, isFixed, onChange }: GroupFieldProps) {
  const id = useId();
  const suggestions = useSuggestions(organization);
  return (
    <div className="field field-wide">
      <label htmlFor={id} className="label">
        Group
      </label>
      <TextField.Root
        id={id}
        list={`${id}-groups`}
        value={name}
        maxLength={1000}
        readOnly={isFixed}
        placeholder="A group of the directory, or its name"
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={`${id}-groups`}>
        {suggestions.map((suggestion) => (
          <option key={suggestion} value={suggestion} />
        ))}
      </datalist>
    </div>
  );
}
