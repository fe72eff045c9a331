/** A filter by day: midnight where the reader is, as the instant that the API takes. */
import { Text, TextField } from "@radix-ui/themes";
import { useId } from "react";

import type { ListParams } from "../../ui/useListParams";

interface DayFilterProps<F extends string> {
  params: Pick<ListParams<F>, "filters" | "set">;
  name: F;
  label: string;
}

/** Returns the day of an instant as a date input has it, in the reader's zone. */
export function dayOf(instant: string | undefined): string {
  if (!instant) return "";
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return "";
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** Returns the instant at which a day begins for the reader. */
export function midnight(day: string): string {
  return day ? new Date(`${day}T00:00`).toISOString() : "";
}

export function DayFilter<F extends string>({ params, name, label }: DayFilterProps<F>) {
  const id = useId();
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextField.Root
        id={id}
        type="date"
        value={dayOf(params.filters[name])}
        onChange={(event) => params.set(name, midnight(event.target.value))}
      />
    </div>
  );
}
