/** Asking for a link into WorkOS's Admin Portal, which leads back to this page. */
import { useMutation } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../api/client";
import { backTo } from "./comingBack";

export type PortalIntent = Schemas["CreatePortalLink"]["intent"];

export function usePortalLink(organization: string) {
  return useMutation({
    mutationFn: (intent: PortalIntent) =>
      answer(
        api.POST("/api/portal/links", {
          body: { organization, intent, return_url: backTo(window.location.origin + window.location.pathname, organization) },
        }),
      ),
  });
}
