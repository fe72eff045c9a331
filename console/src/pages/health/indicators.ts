/** What indicators are called, how bad they are, and where their remedy is carried out; pure. */
import type { Schemas } from "../../api/client";

export type Indicator = Schemas["IndicatorShape"];
export type Status = Indicator["status"];

/** The worst first: what is unknown may hide something, what works needs no reader. */
const ORDER: readonly Status[] = ["failing", "warning", "unknown", "ok"];

/** The indicator whose objects are alerts. */
export const ALERTS = "alerts";

interface Known {
  title: string;
  /** The page where it is mended, and what is needed to open it. */
  at?: { path: string; title: string; permission: string };
  /** Where one of its objects has a page of its own. */
  objects?: "directories" | "connections";
}

const SETTINGS = { path: "/settings/workos", title: "WorkOS settings", permission: "settings:read" };
const ROTATION = { ...SETTINGS, path: "/settings/workos?view=rotation" };
const WEBHOOKS = { path: "/webhooks", title: "Webhooks", permission: "webhooks:read" };

const KNOWN: Readonly<Record<string, Known>> = {
  credentials: { title: "API key and client id", at: SETTINGS },
  api_reachable: { title: "WorkOS’s API" },
  redirect_uri: { title: "Redirect URI", at: SETTINGS },
  webhook_secret: { title: "Webhook secret", at: ROTATION },
  webhook_endpoint: { title: "Webhook endpoint", at: SETTINGS },
  last_webhook: { title: "Webhook deliveries", at: WEBHOOKS },
  oldest_pending_event: { title: "Events that wait", at: { ...WEBHOOKS, path: "/webhooks?status=pending" } },
  dead_events: { title: "Events given up", at: { ...WEBHOOKS, path: "/webhooks?status=dead" } },
  last_sync: { title: "Directory sync", objects: "directories" },
  connection_states: { title: "SSO connections", objects: "connections" },
  certificates: { title: "Certificates", objects: "connections" },
  [ALERTS]: { title: "Unusual activity", at: { path: "/audit", title: "the audit log", permission: "audit:read" } },
  events_api_lag: { title: "WorkOS’s list of events" },
  audit_forwarding: { title: "Audit events at WorkOS" },
};

/** Returns what is known of an indicator; one that is new here goes by its name. */
export function known(name: string): Known {
  return KNOWN[name] ?? { title: asWords(name) };
}

/** Returns a name of the API's as words. */
export function asWords(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns indicators, the worst first, those that are equally bad in the order of the API. */
export function worstFirst<T extends { status: Status }>(indicators: readonly T[]): T[] {
  return [...indicators].sort((one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status));
}

/** Returns the whole in a sentence. */
export function verdict(indicators: readonly { status: Status }[]): string {
  const count = (status: Status) => indicators.filter((one) => one.status === status).length;
  const said = [
    counted(count("failing"), "thing fails", "things fail"),
    counted(count("warning"), "needs attention", "need attention"),
  ].filter((part) => part !== null);
  if (said.length > 0) return `${said.join(", ")}.`;
  return count("ok") > 0 ? "All is well, as far as is known." : "Nothing is known yet.";
}

function counted(number: number, one: string, many: string): string | null {
  return number === 0 ? null : `${number} ${number === 1 ? one : many}`;
}

/** Returns what is said of an object without its name, which stands beside it. */
export function withoutName(evidence: string, name: string): string {
  const rest = evidence.startsWith(`${name}: `) ? evidence.slice(name.length + 2) : evidence;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
