/** Whose settings a page is about: one's own organization, or the one that an operator picks. */
import { useEffect } from "react";
import { useSearchParams } from "react-router";

import { useMe } from "../session/useSession";
import { choose, chosenOrganization } from "./chosen";
import { OrganizationChoice, useOrganizationOptions } from "./organizations";

/** Returns the organization, and the control to pick another where the person may. */
export function useOrganizationPick() {
  const { isPlatform, organizationId } = useMe();
  const [params, setParams] = useSearchParams();
  const named = params.get("organization");
  const options = useOrganizationOptions(named ?? "");
  // One that is not there has no name; remembered, it would be what the next pages fail to show.
  const isThere = options.some(({ value, title }) => value === named && title !== named);
  useEffect(() => {
    if (named && isThere) choose(named);
  }, [named, isThere]);
  if (!isPlatform) return { organization: organizationId, pick: null };
  const organization = named ?? chosenOrganization() ?? options[0]?.value ?? null;
  const pick = (
    <div className="filters">
      {/* In place of the address before: that names no organization, and the one chosen here would be shown again. */}
      <OrganizationChoice value={organization} onPick={(id) => setParams({ organization: id }, { replace: true })} />
    </div>
  );
  return { organization, pick };
}
