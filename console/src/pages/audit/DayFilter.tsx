/** A filter by day: midnight where the reader is, as the instant that the API takes. */
import { Text, TextField } from "@radix-ui/themes";
import { useId } from "react";

import type { ListParams } from "../../ui/useListParams";
import { useTyped } from "../../ui/useTyped";

const FIRST = "1970-01-01";
const LAST = "9999-12-31";

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
  const [year, ...rest] = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(String);
  return [year?.padStart(4, "0"), ...rest.map((part) => part.padStart(2, "0"))].join("-");
}

/** Returns the instant at which a day begins for the reader; nothing for what is no day. */
export function midnight(day: string): string {
  const at = new Date(`${day}T00:00`);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

/** Whether a day is typed to its end: on the way to 2026 lies the year 202. */
export function isComplete(day: string): boolean {
  return day.length === LAST.length && day >= FIRST;
}

export function DayFilter<F extends string>({ params, name, label }: DayFilterProps<F>) {
  const id = useId();
  const { shown, typed, type, apply } = useTyped(dayOf(params.filters[name]), (day) => params.set(name, midnight(day)));
  const change = (day: string) => {
    type(day);
    if (isComplete(day)) apply(day);
  };
  const leave = () => {
    if (typed === "") apply("");
    type(null);
  };
  return (
    <div className="field">
      <Text as="label" htmlFor={id} size="2" weight="medium">
        {label}
      </Text>
      <TextField.Root
        id={id}
        type="date"
        max={LAST}
        value={shown}
        onChange={(event) => change(event.target.value)}
        onBlur={leave}
      />
    </div>
  );
}
