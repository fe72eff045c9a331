/** Filters above a list; each writes into the address. */
import { MagnifyingGlassIcon } from "@radix-ui/react-icons";
import { Button, Text, TextField } from "@radix-ui/themes";
import { useEffect, useId, useState, type ReactNode } from "react";

import { Choice, type Option } from "./Choice";
import type { ListParams } from "./useListParams";

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
  const applied = params.filters[name] ?? "";
  const [typed, setTyped] = useState<string | null>(null);
  const { set } = params;
  useEffect(() => {
    if (typed === null) return undefined;
    const timer = setTimeout(() => {
      set(name, typed.trim());
      setTyped(null);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, name, set]);
  return (
    <div className="field field-wide">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextField.Root
        id={id}
        type="search"
        value={typed ?? applied}
        placeholder={hint}
        onChange={(event) => setTyped(event.target.value)}
      >
        <TextField.Slot>
          <MagnifyingGlassIcon aria-hidden />
        </TextField.Slot>
      </TextField.Root>
    </div>
  );
}

/** One of a few words, or any. */
export function ChoiceFilter<F extends string>({ params, name, label, options }: FilterProps<F> & { options: readonly Option[] }) {
  return (
    <Choice
      label={label}
      value={params.filters[name] ?? ""}
      options={[{ value: "", title: "Any" }, ...options]}
      onChange={(event) => params.set(name, event.target.value)}
    />
  );
}

/** Returns words as options, in the words of State. */
export function optionsOf(words: readonly string[]): Option[] {
  return words.map((value) => ({ value, title: value.replaceAll("_", " ") }));
}
