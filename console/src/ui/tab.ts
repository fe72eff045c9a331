/** The browser's tab. */

/** Names the tab after what it shows. */
export function nameTab(title: string): void {
  document.title = `${title} · MemberPulse`;
}
