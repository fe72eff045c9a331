/** How near the end of a certificate is. */
export type Expiry = "expired" | "soon" | "good";

const SOON_MS = 30 * 86_400_000;

/** Returns whether a certificate has ended, ends within thirty days, or neither. */
export function expiry(notAfter: string, now: number): Expiry {
  const left = Date.parse(notAfter) - now;
  return left <= 0 ? "expired" : left <= SOON_MS ? "soon" : "good";
}
