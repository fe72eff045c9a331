/** A button that asks for a link into the Admin Portal, for one purpose; the link stands above it then. */
import { Button } from "@radix-ui/themes";

import { PortalLink } from "./PortalLink";
import { ProblemNote } from "./states";
import { usePortalLink, type PortalIntent } from "./usePortalLink";

interface PortalAskProps {
  organization: string;
  intent: PortalIntent;
  title: string;
  isUrgent?: boolean;
  /** A link that is there already. */
  given?: { link: string; expires_at: string } | null;
}

export function PortalAsk({ organization, intent, title, isUrgent = false, given = null }: PortalAskProps) {
  const asking = usePortalLink(organization);
  const got = asking.data ?? given;
  return (
    <>
      {got && <PortalLink link={got.link} expiresAt={got.expires_at} />}
      {/* It stays: a link opens once, and not after five minutes. */}
      <Button type="button" variant={isUrgent && !got ? "solid" : "soft"} loading={asking.isPending} onClick={() => asking.mutate(intent)}>
        {got ? "Get another link" : title}
      </Button>
      <ProblemNote error={asking.error} />
    </>
  );
}
