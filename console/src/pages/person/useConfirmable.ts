/** A deed that the API may refuse once, with a warning, and do when it is asked again with `confirm`. */
import { useState } from "react";

import { Problem } from "../../api/problem";

const WARNINGS: ReadonlySet<string> = new Set(["person_is_last_administrator"]);

interface Confirmable {
  run: () => Promise<void>;
  /** It was refused with a warning, and now runs with `confirm`. */
  isAsked: boolean;
  /** Forgets the warning: it was about another deed, or seen too long ago to be agreed to. */
  reset: () => void;
}

/** Returns the deed to run; its first refusal is thrown for the reader to see. */
export function useConfirmable(deed: (confirm: boolean) => Promise<void>): Confirmable {
  const [isAsked, setIsAsked] = useState(false);
  const reset = () => setIsAsked(false);
  const run = async () => {
    try {
      await deed(isAsked);
      reset();
    } catch (error) {
      setIsAsked(error instanceof Problem && WARNINGS.has(error.code));
      throw error;
    }
  };
  return { run, isAsked, reset };
}
