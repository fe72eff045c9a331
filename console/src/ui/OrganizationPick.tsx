/** Whose settings a page is about: one's own organization, or the one that an operator picks. */
import { useSearchParams } from "react-router";

import { useMe } from "../session/useSession";
import { OrganizationChoice, useOrganizationOptions } from "./organizations";

/** Returns the organization, and the control to pick another where the person may. */
export function useOrganizationPick() {
  const { isPlatform, organizationId } = useMe();
  const options = useOrganizationOptions();
  const [params, setParams] = useSearchParams();
  if (!isPlatform) return { organization: organizationId, pick: null };
  const organization = params.get("organization") ?? options[0]?.value ?? null;
  const pick = (
    <div className="filters">
      <OrganizationChoice value={organization} onPick={(id) => setParams({ organization: id })} />
    </div>
  );
  return { organization, pick };
}
