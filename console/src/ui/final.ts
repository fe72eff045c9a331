/** When what was read must not be shown any more. */
import { Problem } from "../api/problem";

const FINAL: readonly number[] = [403, 404, 410];

/**
 * Whether an error stands in place of what was read before: the thing is gone, or not for this person any more. Every other
 * one passes, and with the page would go what was typed into it.
 */
export function isFinal(error: Error | null): error is Problem {
  return error instanceof Problem && FINAL.includes(error.status);
}
