/** Whether the faults of a refusal stand beside their fields. */
import type { FieldError } from "../../api/problem";
import type { Faults } from "./provider";

/** `corrected`: every field that was refused has been changed since, so there is nothing to point at. */
export type Marks = "marked" | "corrected" | "unmarked";

/** Returns where the faults of a refusal are shown; `fields` are those that can show one, `faults` what they show now. */
export function marksOf(refused: readonly FieldError[], fields: readonly string[], faults: Faults): Marks {
  if (refused.length === 0 || !refused.every(({ field }) => fields.includes(field))) return "unmarked";
  return Object.keys(faults).length > 0 ? "marked" : "corrected";
}
