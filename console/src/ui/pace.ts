/** How often to read again what changes by itself, when the last answer was an error. */
import { Problem } from "../api/problem";

/** How often a page about people or directories looks whether they have changed. */
export const CALM_MS = 15_000;
const SLOW_MS = 10_000;
/** What the API refuses now and may allow later; what it refuses otherwise, it goes on refusing. */
const FOR_NOW: ReadonlySet<number> = new Set([401, 408, 425, 429]);

/** Returns `everyMs` as long as all is well; with an error less often, and never again once the API has judged. */
export function pace(error: Error | null, everyMs: number | false): number | false {
  if (!error || everyMs === false) return everyMs;
  if (!(error instanceof Problem)) return SLOW_MS;
  const isFinal = error.status < 500 && !FOR_NOW.has(error.status);
  return isFinal ? false : Math.max(SLOW_MS, error.retryAfterS * 1000);
}

/** Reads a thing again as long as somebody looks at it: what a directory or another administrator changed must show. */
export function follow({ state }: { state: { error: Error | null } }): number | false {
  return pace(state.error, CALM_MS);
}
