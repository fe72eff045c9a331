/** Where the Admin Portal leads back to: it may open a tab of its own, which knows no organization that was chosen. */

/** Returns an address of ours with the organization that its page is to show; with none it stays as it is. */
export function backTo(page: string, organization: string | null): string {
  return organization ? `${page}?${new URLSearchParams({ organization })}` : page;
}
