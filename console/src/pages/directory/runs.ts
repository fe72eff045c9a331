/** Sync runs in words; pure. */
import type { Schemas } from "../../api/client";

type Run = Schemas["SyncRunShape"];

export interface Counts {
  users: { created: number; updated: number; deactivated: number; deleted: number; unchanged: number };
  groups: { created: number; updated: number; deleted: number; unchanged: number };
  memberships: { added: number; removed: number };
  roles_changed: number;
  sessions_ended: number;
}

export interface PlanEntry {
  user_id: string;
  action: "create" | "update" | "reactivate" | "deactivate";
  email: string | null;
  workos_id: string | null;
  role?: { before: string; after: string };
  sessions?: number;
}

/** Whether a run is still going on by itself. */
export function isMoving(run: Pick<Run, "status">): boolean {
  return run.status === "queued" || run.status === "running";
}

export function modeName(mode: Run["mode"]): string {
  return mode === "plan" ? "Preview" : "Sync";
}

/** Returns the counts of a run, which the API's document leaves open. */
export function countsOf(run: Run): Counts | null {
  return run.changes as Counts | null;
}

export function planOf(run: Run): PlanEntry[] {
  return (run.plan ?? []) as unknown as PlanEntry[];
}

/** Returns how many were read, as a part of what is expected; null where nothing is. */
export function fraction({ progress }: Pick<Run, "progress">): number | null {
  const { users_seen: seen, users_expected: expected } = progress;
  return expected ? Math.min(1, seen / expected) : null;
}

export const number = new Intl.NumberFormat("en");

/** Returns "3 new people" and the like; one of a thing is not many. */
export function counted(count: number, one: string, many: string): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

/** Returns a run's changes in a few words. */
export function summary(run: Run): string {
  const counts = countsOf(run);
  if (run.error && !counts) return run.error.detail;
  if (!counts) return isMoving(run) ? `${number.format(run.progress.users_seen)} people read` : "–";
  const parts = [
    counts.users.created && counted(counts.users.created, "new person", "new people"),
    counts.users.updated && `${number.format(counts.users.updated)} changed`,
    counts.users.deactivated && `${number.format(counts.users.deactivated)} deactivated`,
    counts.roles_changed && counted(counts.roles_changed, "role", "roles"),
    counts.groups.created && counted(counts.groups.created, "new group", "new groups"),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "nothing";
}
