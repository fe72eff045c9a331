/** What is typed into a filter: it stays as it is typed, while the address gets only what can be looked for. */
import { useState } from "react";

export interface Typed {
  /** What the control shows. */
  shown: string;
  /** What was typed since the control was entered; null where nothing was. */
  typed: string | null;
  type: (text: string | null) => void;
  /** Puts a value into the address, unless it stands there already: that would lose the page that is shown. */
  apply: (value: string) => void;
}

export function useTyped(applied: string, write: (value: string) => void): Typed {
  const [typed, type] = useState<string | null>(null);
  const [written, setWritten] = useState(applied);
  const [seen, setSeen] = useState(applied);
  if (seen !== applied) {
    setSeen(applied);
    // Something else changed the address, Back for one: what was typed would be written over it.
    if (applied !== written) type(null);
  }
  const apply = (value: string) => {
    if (value === applied) return;
    setWritten(value);
    write(value);
  };
  return { shown: typed ?? applied, typed, type, apply };
}
