/** The organization that an operator works for: chosen on one page, it is the choice on the next, until they sign out. */

let chosen: string | null = null;

/** Returns the organization that was chosen last; null where none was. */
export function chosenOrganization(): string | null {
  return chosen;
}

export function choose(organization: string | null): void {
  chosen = organization;
}
