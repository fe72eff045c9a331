/** Links into WorkOS's Admin Portal, by what they are for. */
import { Button, Flex } from "@radix-ui/themes";
import { useState } from "react";

import { Choice } from "../../ui/Choice";
import { PortalLink } from "../../ui/PortalLink";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";
import { usePortalLink, type PortalIntent } from "../../ui/usePortalLink";

const INTENTS: readonly { value: PortalIntent; title: string }[] = [
  { value: "sso", title: "Set up single sign-on" },
  { value: "dsync", title: "Set up directory sync" },
  { value: "domain_verification", title: "Verify a domain" },
  { value: "certificate_renewal", title: "Renew the SAML certificate" },
  { value: "audit_logs", title: "See audit logs" },
  { value: "log_streams", title: "Stream logs" },
];

export function PortalLinks({ organizationId }: { organizationId: string }) {
  const [intent, setIntent] = useState<PortalIntent>("sso");
  const asking = usePortalLink(organizationId);
  return (
    <Section title="Admin Portal" text="WorkOS’s own pages, where identity providers and directories are set up.">
      <div className="filters">
        <Choice
          label="What for"
          value={intent}
          options={INTENTS}
          onChange={(event) => {
            asking.reset();
            setIntent(event.target.value as PortalIntent);
          }}
        />
        <Button variant="soft" loading={asking.isPending} onClick={() => asking.mutate(intent)}>
          {asking.data ? "Get another link" : "Get a link"}
        </Button>
      </div>
      <Flex direction="column" gap="3">
        <ProblemNote error={asking.error} />
        {asking.data && <PortalLink link={asking.data.link} expiresAt={asking.data.expires_at} />}
      </Flex>
    </Section>
  );
}
