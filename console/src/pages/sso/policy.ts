/** A sign-in policy that is being edited: what is different, and what to think about before it counts; pure. */
import type { Schemas } from "../../api/client";

export type Policy = Schemas["SsoPolicyShape"];
const FIELDS = [
  "enabled",
  "required",
  "default_connection",
  "jit_provisioning",
  "default_role",
  "allow_idp_initiated",
  "allow_foreign_domains",
  "hard_delete_removed_users",
  "session_idle_seconds",
  "session_absolute_seconds",
] as const;

export type PolicyChange = Partial<Pick<Policy, (typeof FIELDS)[number]>>;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const IDLE = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY];
const ABSOLUTE = [...IDLE, 2 * DAY, 3 * DAY, 7 * DAY];

/** Returns the fields that are different, as the API takes them. */
export function changesOf(saved: Policy, draft: Policy): PolicyChange {
  return Object.fromEntries(FIELDS.filter((name) => saved[name] !== draft[name]).map((name) => [name, draft[name]]));
}

/** Returns what should be thought about before a change counts, beside whom it locks out: that the API says. */
export function cautions(change: PolicyChange): string[] {
  return [
    change.enabled === false && "Nobody in this organization will be able to sign in. Whoever is signed in stays signed in: keep your session, to switch it on again.",
    change.hard_delete_removed_users && "From now on, the data of everybody whom the directory removes is erased for good.",
    change.allow_foreign_domains && "Whoever your identity provider vouches for may sign in, whatever their address.",
  ].filter((one) => typeof one === "string");
}

/** Returns a span of time to the minute, in the largest unit that fits it whole. */
export function spanOf(seconds: number): string {
  const [size, unit] = seconds % DAY === 0 ? [DAY, "day"] : seconds % HOUR === 0 ? [HOUR, "hour"] : [MINUTE, "minute"];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(seconds / size);
}

/** Returns the spans that may be chosen, with the one that is set. */
export function spans(kind: "idle" | "absolute", set: number): { value: string; title: string }[] {
  const known = kind === "idle" ? IDLE : ABSOLUTE;
  const all = known.includes(set) ? known : [...known, set].sort((a, b) => a - b);
  return all.map((seconds) => ({ value: String(seconds), title: spanOf(seconds) }));
}
