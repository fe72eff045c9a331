/** What is typed and not saved, of whatever form: leaving it is asked about first. */
import { useEffect } from "react";

import { keeper } from "../session/keeper";

const drafts = new Set<object>();

/** Whether somebody would lose something by leaving. */
export function hasUnsaved(): boolean {
  return drafts.size > 0;
}

/** The browser asks in its own words before a reload, a closed tab or another address. */
function ask(event: Pick<BeforeUnloadEvent, "preventDefault">): void {
  const { kind } = keeper.standing;
  // Where the session has gone, or is another person's, nobody may stay on the page that it left behind.
  if (kind === "signed-in" || kind === "interrupted") event.preventDefault();
}

export function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const draft = {};
    drafts.add(draft);
    window.addEventListener("beforeunload", ask);
    return () => {
      drafts.delete(draft);
      if (!hasUnsaved()) window.removeEventListener("beforeunload", ask);
    };
  }, [isUnsaved]);
}
