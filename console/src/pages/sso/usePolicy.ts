/** The sign-in policy of one organization. */
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";

export function usePolicy(organization: string) {
  return useQuery({
    queryKey: ["sso-policy", organization],
    queryFn: () =>
      answer(api.GET("/api/organizations/{organization_id}/sso", { params: { path: { organization_id: organization } } })),
    // Somebody may be editing it.
    refetchOnWindowFocus: false,
  });
}
