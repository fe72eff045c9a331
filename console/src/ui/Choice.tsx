/** A labelled choice out of a few: the browser's own control, which works with every keyboard and thumb. */
import type { ComponentProps } from "react";

import { Labelled, type LabelledProps } from "./Labelled";

export interface Option {
  value: string;
  title: string;
}

/** Returns the options with the one that is chosen: without it, the browser shows the first one in its place. */
export function withNamed(options: readonly Option[], value: string, title = value): readonly Option[] {
  return value === "" || options.some((one) => one.value === value) ? options : [...options, { value, title }];
}

export function Choice({ label, hint, fault, quiet, options, ...select }: LabelledProps & { options: readonly Option[] } & ComponentProps<"select">) {
  return (
    <Labelled label={label} hint={hint} fault={fault} quiet={quiet}>
      {(tied) => (
        <select className="choice" {...tied} {...select}>
          {options.map(({ value, title }) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
