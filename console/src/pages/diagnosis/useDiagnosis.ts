/** The diagnosis of an address, as it is when it is asked for. */
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";

interface Asked {
  /** Empty while nothing is to be asked. */
  email: string;
  organization?: string;
  /** Whose page it is on: what changes the person changes the diagnosis. */
  personId?: string;
}

export function useDiagnosis({ email, organization, personId }: Asked) {
  return useQuery({
    queryKey: ["diagnosis", email, organization, personId],
    queryFn: () => answer(api.GET("/api/diagnostics/sign-in", { params: { query: { email, organization } } })),
    enabled: email !== "",
    // What was mended meanwhile must show.
    staleTime: 0,
  });
}
