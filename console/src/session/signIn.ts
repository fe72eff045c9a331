/** How a browser is sent to sign in, and where it comes back to. */
import { problemOf, Unreachable } from "../api/problem";
import type { components } from "../api/schema.gen";

type Discovered = components["schemas"]["Discovered"];

/** The page that a sign-in in another tab ends on. */
export const RETURNED = "/console/signed-in";

/** Returns how people of this address sign in. */
export async function discover(email: string): Promise<Discovered> {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email }) };
  const response = await fetch("/auth/discover", request).catch(() => {
    throw new Unreachable("The gateway does not answer.");
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(body, response);
  return body as Discovered;
}

/** What browsers leave in an address and the gateway refuses there, so that no two of its readers differ. */
const UNUSUAL = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/g;

/** Returns the address that starts a sign-in and ends it at `path` of this console. */
export function signInUrl(start: string, path: string, hint?: string | null): string {
  const url = new URL(start, window.location.origin);
  url.searchParams.set("return_to", new URL(path, window.location.origin).href.replace(UNUSUAL, encodeURIComponent));
  if (hint) url.searchParams.set("login_hint", hint);
  return url.pathname + url.search;
}
