/** Platform settings as a form has them: what was typed, and what of it is a change; pure. */
import type { Schemas } from "../../api/client";
import type { FieldError } from "../../api/problem";

export type Settings = Schemas["SettingsShape"];
export type Check = Schemas["SettingCheckShape"];
export type SecretKind = Schemas["RotateSecret"]["secret"];
export type Source = Schemas["Sources"]["client_id"];
type Change = Schemas["ChangeSettings"];

export const SETTINGS_KEY = ["workos-settings"] as const;

export interface Typed {
  api_key?: string;
  client_id?: string;
  redirect_uri?: string;
  webhook_secret?: string;
  default_connection?: string;
}

export const SECRETS: Readonly<Record<SecretKind, string>> = { api_key: "API key", webhook_secret: "webhook secret" };

/** Returns the secret as it may be shown. */
export function masked(lastFour: string): string {
  return `••••••••${lastFour}`;
}

/** Returns the request that what was typed asks for; a field that says what is in force is not in it, so it stays. */
export function changeOf(settings: Settings, typed: Typed): Change {
  const change: Change = {};
  const [key, secret] = [typed.api_key?.trim(), typed.webhook_secret?.trim()];
  if (key) change.api_key = key;
  if (secret) change.webhook_secrets = [secret];
  for (const name of ["client_id", "redirect_uri", "default_connection"] as const) {
    const value = typed[name]?.trim();
    if (value !== undefined && value !== (settings[name] ?? "")) change[name] = value || null;
  }
  return change;
}

export function isEmpty(change: Change): boolean {
  return Object.keys(change).length === 0;
}

/** Returns whether the change needs the API key along, so that no secret is sent where nobody proved to know it. */
export function lacksApiKey(change: Change): boolean {
  return ("client_id" in change || "redirect_uri" in change) && !("api_key" in change);
}

/** Returns the fault of a field; the webhook secret is one of a list. */
export function faultOf(errors: readonly FieldError[], name: keyof Typed): string | null {
  const found = errors.find(({ field }) => field.split(".").some((part) => part === name || part === `${name}s`));
  return found?.message ?? null;
}

/** Returns the secrets of one kind that count now, the one in force first. */
export function inForce(settings: Settings, kind: SecretKind): { lastFour: string; source: Source }[] {
  const { api_key: key, webhook_secrets: secrets, rotation } = settings;
  if (kind === "webhook_secret") return secrets.map(({ last_four: lastFour, source }) => ({ lastFour, source }));
  const { staged } = rotation.api_key;
  const first = key.last_four === null ? [] : [{ lastFour: key.last_four, source: key.source }];
  return staged ? [...first, { lastFour: staged.last_four, source: "platform" }] : first;
}

/** Returns what must be set and is not, in words. */
export function missingOf(settings: Settings): string[] {
  const { client_id: client, unreadable } = settings;
  const has = (kind: SecretKind) => inForce(settings, kind).length > 0 && !unreadable.includes(kind);
  return [
    ...(has("api_key") ? [] : [SECRETS.api_key]),
    ...(client ? [] : ["client ID"]),
    ...(has("webhook_secret") ? [] : [SECRETS.webhook_secret]),
  ];
}
