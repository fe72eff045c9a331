/** A button that asks for a link into the Admin Portal, for one purpose, and becomes that link. */
import { Button } from "@radix-ui/themes";

import { PortalLink } from "./PortalLink";
import { ProblemNote } from "./states";
import { usePortalLink, type PortalIntent } from "./usePortalLink";

interface PortalAskProps {
  organization: string;
  intent: PortalIntent;
  title: string;
  isUrgent?: boolean;
}

export function PortalAsk({ organization, intent, title, isUrgent = false }: PortalAskProps) {
  const asking = usePortalLink(organization);
  if (asking.data) return <PortalLink link={asking.data.link} expiresAt={asking.data.expires_at} />;
  return (
    <>
      <Button type="button" variant={isUrgent ? "solid" : "soft"} loading={asking.isPending} onClick={() => asking.mutate(intent)}>
        {title}
      </Button>
      <ProblemNote error={asking.error} />
    </>
  );
}
