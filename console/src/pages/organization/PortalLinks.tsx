/** Links into WorkOS's Admin Portal, by what they are for. */
import { Button, Flex } from "@radix-ui/themes";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { answer, api, type Schemas } from "../../api/client";
import { Choice } from "../../ui/Choice";
import { PortalLink } from "../../ui/PortalLink";
import { Section } from "../../ui/Section";
import { ProblemNote } from "../../ui/states";

type Intent = Schemas["CreatePortalLink"]["intent"];

const INTENTS: readonly { value: Intent; title: string }[] = [
  { value: "sso", title: "Set up single sign-on" },
  { value: "dsync", title: "Set up directory sync" },
  { value: "domain_verification", title: "Verify a domain" },
  { value: "certificate_renewal", title: "Renew the SAML certificate" },
  { value: "audit_logs", title: "See audit logs" },
  { value: "log_streams", title: "Stream logs" },
];

export function PortalLinks({ organizationId }: { organizationId: string }) {
  const [intent, setIntent] = useState<Intent>("sso");
  const asking = useMutation({
    mutationFn: () =>
      answer(
        api.POST("/api/portal/links", {
          body: { organization: organizationId, intent, return_url: window.location.href.split(/[?#]/)[0] },
        }),
      ),
  });
  return (
    <Section title="Admin Portal" text="WorkOS’s own pages, where identity providers and directories are set up.">
      <div className="filters">
        <Choice
          label="What for"
          value={intent}
          options={INTENTS}
          onChange={(event) => {
            asking.reset();
            setIntent(event.target.value as Intent);
          }}
        />
        <Button variant="soft" loading={asking.isPending} onClick={() => asking.mutate()}>
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
