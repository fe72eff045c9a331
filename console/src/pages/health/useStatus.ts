/** The health of the integration, asked again and again: it changes without anybody doing something here. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";

const EVERY_MS = 5_000;

/** Returns the health of the platform, or of one organization. */
export function useStatus(organization?: string): UseQueryResult<Schemas["IntegrationStatus"]> {
  return useQuery({
    queryKey: ["integration-status", organization],
    queryFn: () => answer(api.GET("/api/integrations/workos/status", { params: { query: { organization } } })),
    refetchInterval: EVERY_MS,
  });
}
