/** Instants in words, in the reader's zone; pure but for the zone. What is no instant is returned as it is. */
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const exactly = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "long" });
const clock = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const WEEK_SECONDS = 7 * 86_400;
/** The present that a page has is up to a quarter of a minute old, and its clock may go behind the API's. */
const BEHIND_SECONDS = 30;

/** Whether a text is an instant: formatting one that is not would throw, and take the page with it. */
export function isInstant(at: string): boolean {
  return !Number.isNaN(Date.parse(at));
}

/** Returns how long ago or ahead an instant is; its date beyond a week. */
export function ago(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (!isInstant(at) || Math.abs(seconds) >= WEEK_SECONDS) return moment(at);
  // What the API has just looked at would otherwise be looked at "in 10 seconds".
  if (seconds > -10 && seconds < BEHIND_SECONDS) return "just now";
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** Returns an instant by its date, in the reader's zone. */
export function moment(at: string): string {
  return isInstant(at) ? day.format(new Date(at)) : at;
}

/** Returns the time of day of an instant, in the reader's zone. */
export function timeOfDay(at: string): string {
  return isInstant(at) ? clock.format(new Date(at)) : at;
}

/** Returns the instant to the second, in the reader's zone and as the API wrote it. */
export function exact(at: string): string {
  return isInstant(at) ? `${exactly.format(new Date(at))} (${at})` : at;
}

/** Returns a length of time as one would say it. */
export function lasting(seconds: number): string {
  if (seconds < 1) return "under a second";
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
  return new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(Math.round(seconds / size));
}
