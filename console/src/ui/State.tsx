/** A state as a coloured word; the colour says nothing that the word does not. */
import { Badge } from "@radix-ui/themes";

type Tone = "green" | "amber" | "red" | "gray" | "indigo";

const TONES: Readonly<Record<string, Tone>> = {
  active: "green",
  linked: "green",
  verified: "green",
  completed: "green",
  done: "green",
  ok: "green",
  passed: "green",
  pending: "indigo",
  queued: "indigo",
  running: "indigo",
  waiting: "indigo",
  validating: "indigo",
  needs_confirmation: "amber",
  warning: "amber",
  parked: "amber",
  draft: "amber",
  unmanaged: "amber",
  suspended: "red",
  failed: "red",
  expired: "red",
  failing: "red",
  dead: "red",
  invalid_credentials: "red",
};

export function State({ word }: { word: string }) {
  return <Badge highContrast color={TONES[word] ?? "gray"}>{word.replaceAll("_", " ")}</Badge>;
}
