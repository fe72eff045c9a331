/** The connections of one organization. */
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { pace } from "../../ui/pace";

/** Returns an organization's connections, the first hundred; those that were removed are among them. `everyMs`: read again and again. */
export function useConnections(organization: string, everyMs?: number) {
  return useQuery({
    queryKey: ["connections", { organization, limit: 100 }],
    queryFn: () => answer(api.GET("/api/auth/sso/connections", { params: { query: { organization, limit: 100 } } })),
    refetchInterval: ({ state }) => pace(state.error, everyMs ?? false),
  });
}
