/** What the record holds: the acts that can be looked for. A test holds it against what the gateway records. */
import type { Option } from "../../ui/Choice";

const OF_ORGANIZATIONS = [
  "alert.acknowledged",
  "attribute_mappings.changed",
  "audit.exported",
  "connection.certificate_expired",
  "connection.certificate_expiring",
  "connection.changed",
  "directory.changed",
  "directory.deleted",
  "directory.sync_cancelled",
  "directory.sync_confirmed",
  "directory.sync_failed",
  "directory.sync_requested",
  "directory.synced",
  "organization.changed",
  "organization.created",
  "organization.domain_changed",
  "organization.domain_removed",
  "outbox.replayed",
  "portal.link.created",
  "portal.links.revoked",
  "role_mappings.changed",
  "session.ended",
  "sso.configuration.changed",
  "sso.configuration.checked",
  "sso.login.completed",
  "sso.login.failed",
  "sso.policy.changed",
  "sso.test.finished",
  "sso.test.started",
  "user.changed",
  "user.deactivated",
  "user.email_changed",
  "user.manual_roles_changed",
  "user.provisioned",
  "user.reactivated",
  "user.role_changed",
  "webhook.replayed",
];
const OF_THE_PLATFORM = [
  "break_glass.token_made",
  "break_glass.used",
  "encryption_key.changed",
  "service_client.created",
  "service_client.revoked",
  "service_client.rotated",
  "settings.changed",
  "settings.rotation.promoted",
  "settings.rotation.rolled_back",
  "settings.rotation.staged",
];

/** Returns an action as words: "sso.login.failed" is "SSO login failed". */
export function inWords(action: string): string {
  const words = action.replaceAll(/[._]/g, " ").replace(/^sso\b/, "SSO");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Returns the acts that a reader may find; the platform's own are in operators' records alone. */
export function actionsFor(isPlatform: boolean): Option[] {
  const actions = isPlatform ? [...OF_ORGANIZATIONS, ...OF_THE_PLATFORM] : OF_ORGANIZATIONS;
  return actions.map((value) => ({ value, title: inWords(value) })).sort((one, other) => one.title.localeCompare(other.title));
}
