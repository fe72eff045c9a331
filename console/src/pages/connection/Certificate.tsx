/** The signing certificate of a connection: until when it is good, and the link by which it is renewed. */
import { Callout, Flex, Text } from "@radix-ui/themes";
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { PortalAsk } from "../../ui/PortalAsk";
import { Section } from "../../ui/Section";
import { useNow } from "../../ui/Time";
import { CertificateEnd } from "../sso/CertificateEnd";
import { expiry, type Expiry } from "../sso/expiry";

const WORDS: Readonly<Partial<Record<Expiry, string>>> = {
  soon: "It expires within thirty days. Renew it before then, or nobody will be able to sign in.",
  expired: "It has expired. Nobody can sign in until it is renewed.",
};

export function Certificate({ connection }: { connection: Schemas["ConnectionShape"] }) {
  const { can } = useMe();
  const { organization_id: organization, certificate_expires_at: ends } = connection;
  const how = expiry(ends ?? "9999-12-31", useNow());
  return (
    <Section title="Certificate" text="The identity provider signs its answers with it.">
      <Flex direction="column" gap="3" align="start">
        {how !== "good" && (
          <Callout.Root highContrast color={how === "expired" ? "red" : "amber"} size="1" role="alert">
            <Callout.Text>{WORDS[how]}</Callout.Text>
          </Callout.Root>
        )}
        <Text as="div" size="2">
          Expires <CertificateEnd at={ends} none="on a date that WorkOS has not told us" />
        </Text>
        {can("portal:link") && (
          <PortalAsk organization={organization} intent="certificate_renewal" title="Renew the certificate" isUrgent={how !== "good"} />
        )}
        {can("sso:configure") && (
          <Text as="p" size="2">
            <Link to={`/sso/configure?organization=${organization}&connection=${connection.id}`}>Or enter a new one here</Link>
          </Text>
        )}
      </Flex>
    </Section>
  );
}
