/** The connections of one organization. */
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";

/** Returns an organization's connections, the first hundred; those that were removed are among them. */
export function useConnections(organization: string) {
  return useQuery({
    queryKey: ["connections", { organization, limit: 100 }],
    queryFn: () => answer(api.GET("/api/auth/sso/connections", { params: { query: { organization, limit: 100 } } })),
  });
}
