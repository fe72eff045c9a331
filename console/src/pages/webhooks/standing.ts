/** What the banner may say: green is a promise that nothing is missing. */
import type { Schemas } from "../../api/client";

type Told = Pick<Schemas["WebhookCompleteness"], "complete_through" | "reason" | "waiting_count">;

interface Standing {
  color: "green" | "amber";
  /** What is known ends with the instant that is told. */
  isEnd: boolean;
}

/** Returns how the inbox stands. A reason holds the instant back, even where nothing waits: WorkOS's list may be unreadable. */
export function standingOf(told: Told, isStale: boolean): Standing {
  const isHeldBack = isStale || told.reason !== null || told.complete_through === null;
  return {
    color: isHeldBack || told.waiting_count > 0 ? "amber" : "green",
    isEnd: isHeldBack && told.complete_through !== null && told.waiting_count === 0,
  };
}
