/** Filters above a list; each writes into the address. */
import { MagnifyingGlassIcon } from "@radix-ui/react-icons";
import { Button, Text, TextField } from "@radix-ui/themes";
import { useEffect, useId, type ReactNode } from "react";

import { Choice, withNamed, type Option } from "./Choice";
import type { ListParams } from "./useListParams";
import { useTyped } from "./useTyped";

const PAUSE_MS = 350;

export function Filters({ children, params }: { children: ReactNode; params: { isFiltered: boolean; clear: () => void } }) {
  return (
    <div className="filters" role="search">
      {children}
      {params.isFiltered && (
        <Button variant="ghost" color="gray" onClick={params.clear} className="filters-clear">
          Clear filters
        </Button>
      )}
    </div>
  );
}

interface FilterProps<F extends string> {
  params: Pick<ListParams<F>, "filters" | "set">;
  name: F;
  label: string;
}

/** Text that is looked for once the reader stops typing. */
export function TextFilter<F extends string>({ params, name, label, hint }: FilterProps<F> & { hint?: string }) {
  const id = useId();
  const { shown, typed, type, apply } = useTyped(params.filters[name] ?? "", (value) => params.set(name, value));
  useEffect(() => {
    if (typed === null) return undefined;
    const timer = setTimeout(() => apply(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, apply]);
  const leave = () => {
    if (typed !== null) apply(typed.trim());
    type(null);
  };
  return (
    <div className="field field-wide">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextField.Root
        id={id}
        type="search"
        value={shown}
        placeholder={hint}
        onChange={(event) => type(event.target.value)}
        onBlur={leave}
      >
        <TextField.Slot>
          <MagnifyingGlassIcon aria-hidden />
        </TextField.Slot>
      </TextField.Root>
    </div>
  );
}

/** One of a few words, or any; a word of the address that is none of them is shown, too: it filters. */
export function ChoiceFilter<F extends string>({ params, name, label, options }: FilterProps<F> & { options: readonly Option[] }) {
  const value = params.filters[name] ?? "";
  return (
    <Choice
      label={label}
      value={value}
      options={[{ value: "", title: "Any" }, ...withNamed(options, value)]}
      onChange={(event) => params.set(name, event.target.value)}
    />
  );
}

/** Returns words as options, in the words of State. */
export function optionsOf(words: readonly string[]): Option[] {
  return words.map((value) => ({ value, title: value.replaceAll("_", " ") }));
}
