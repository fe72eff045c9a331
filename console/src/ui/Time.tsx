/** An instant: short in the text, exact on hover. */
import { useSyncExternalStore } from "react";

import { ago, exact } from "./time";

const STEP_MS = 15_000;
let now = Date.now();

function follow(listener: () => void): () => void {
  now = Date.now();
  const timer = setInterval(() => {
    now = Date.now();
    listener();
  }, STEP_MS);
  return () => clearInterval(timer);
}

/** Returns this moment, renewed four times a minute. */
export function useNow(): number {
  return useSyncExternalStore(follow, () => now);
}

export function Time({ at, none = "never" }: { at: string | null | undefined; none?: string }) {
  const present = useNow();
  if (!at) return <span className="muted">{none}</span>;
  return (
    <time dateTime={at} title={exact(at)}>
      {ago(at, present)}
    </time>
  );
}
