/** A deed that the API may refuse once, with a warning, and do when it is asked again with `confirm`. */
import { useState } from "react";

import { Problem } from "../../api/problem";

const WARNINGS: ReadonlySet<string> = new Set(["person_is_last_administrator"]);

/** Returns the deed to run, and whether it now runs with `confirm`; its first refusal is thrown for the reader to see. */
export function useConfirmable(deed: (confirm: boolean) => Promise<void>): { run: () => Promise<void>; isAsked: boolean } {
  const [isAsked, setIsAsked] = useState(false);
  const run = async () => {
    try {
      await deed(isAsked);
      setIsAsked(false);
    } catch (error) {
      setIsAsked(error instanceof Problem && WARNINGS.has(error.code));
      throw error;
    }
  };
  return { run, isAsked };
}
