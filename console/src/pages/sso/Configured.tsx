/** What became of a configuration: WorkOS has it, or it is entered in the Admin Portal; and what to give the provider. */
import { Button, Callout, Flex, Text } from "@radix-ui/themes";
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { CopyButton, CopyText } from "../../ui/CopyText";
import { Facts } from "../../ui/Facts";
import { Name } from "../../ui/Name";
import { PortalAsk } from "../../ui/PortalAsk";
import { Section } from "../../ui/Section";
import { State } from "../../ui/State";
import { Arrived } from "./Arrived";
import { CertificateFacts } from "./CertificateFacts";
import type { Seen } from "./news";
import { FIELDS, WAYS, type Entered } from "./provider";

type Done = Schemas["SsoConfigurationShape"];

interface ConfiguredProps {
  done: Done;
  entered: Entered;
  /** Connections that have been set up meanwhile, where WorkOS takes them in its Admin Portal only. */
  arrived: readonly Seen[];
  onAgain: () => void;
}

export function Configured({ done, entered, arrived, onAgain }: ConfiguredProps) {
  const isByHand = done.outcome !== "applied";
  return (
    <>
      {!isByHand && <Applied done={done} />}
      {isByHand && arrived.length === 0 && <ByHand done={done} entered={entered} />}
      {isByHand && <Arrived connections={arrived} />}
      {done.warnings.map(({ code, field, detail }) => (
        <Callout.Root highContrast key={`${code}${field}`} color="amber" size="1" mb="4" role="alert">
          <Callout.Text>
            {fieldName(field)} {detail}.
          </Callout.Text>
        </Callout.Root>
      ))}
      <ForTheProvider done={done} />
      <Found done={done} />
      <Button variant="soft" color="gray" onClick={onAgain}>
        Enter something else
      </Button>
    </>
  );
}

function fieldName(field: string): string {
  return field in FIELDS ? FIELDS[field as keyof typeof FIELDS].label : field;
}

function Applied({ done: { connection } }: { done: Done }) {
  return (
    <Section title="WorkOS has it" text="The configuration was checked and sent to WorkOS.">
      {connection && (
        <Flex direction="column" gap="3" align="start">
          <Text as="div" size="2" weight="medium">
            <Name>{connection.name}</Name> <State word={connection.state} />
          </Text>
          <Text as="p" size="2">
            Give your identity provider the values below and assign people there. Then test it before anybody depends on it.
          </Text>
          <Button asChild>
            <Link to={`/connections/${connection.id}`}>Test the connection</Link>
          </Button>
        </Flex>
      )}
    </Section>
  );
}

function ByHand({ done: { portal, organization_id: organization }, entered }: { done: Done; entered: Entered }) {
  const fields = WAYS[entered.way].fields;
  return (
    <Section
      title="One step is left"
      text="What you entered is right. With this WorkOS account it can only be set up in WorkOS’s Admin Portal: open it and enter the same values."
    >
      {portal && (
        <Flex direction="column" gap="3" align="start">
          <PortalAsk organization={organization} intent="sso" title="Get another link" given={portal} />
        </Flex>
      )}
      <Text as="p" size="2" weight="medium" mt="4" mb="2">
        To be entered there
      </Text>
      <Facts
        facts={fields.map((name) => {
          const { label, kind } = FIELDS[name];
          const value = entered.values[name];
          if (!value) return [label, "as you entered it: it is kept nowhere"];
          return [label, kind === "area" ? <LongValue key={name} label={label} value={value} /> : <CopyText key={name} text={value} label={label} />];
        })}
      />
    </Section>
  );
}

function LongValue({ label, value }: { label: string; value: string }) {
  return (
    <span className="copy">
      {value.length} characters <CopyButton text={value} label={label} />
    </span>
  );
}

function ForTheProvider({ done }: { done: Done }) {
  const values: [string, string | null][] =
    done.protocol === "saml"
      ? [
          ["SP Entity ID", done.sp_entity_id],
          ["SP ACS URL", done.sp_acs_url],
        ]
      : [["Redirect URI", done.redirect_uri]];
  return (
    <Section title="For your identity provider" text="WorkOS made these values; your identity provider asks for them.">
      <Facts
        facts={values.map(([name, value]) => [name, value ? <CopyText key={name} text={value} label={name} /> : "shown in the Admin Portal"])}
      />
      {done.hint && done.outcome === "applied" && (
        <Flex direction="column" gap="3" mt="3" align="start">
          <PortalAsk organization={done.organization_id} intent="sso" title="Get a link to where they are shown" />
        </Flex>
      )}
    </Section>
  );
}

function Found({ done: { saml, oidc } }: { done: Done }) {
  if (saml)
    return (
      <Section title="What was found">
        <Facts
          facts={[
            ["IdP Entity ID", <CopyText key="entity" text={saml.idp_entity_id} />],
            ["IdP SSO URL", <CopyText key="sso" text={saml.idp_sso_url} />],
          ]}
        />
        {saml.certificates.map((one) => (
          <CertificateFacts
            key={one.fingerprint_sha256}
            label="Signing certificate"
            certificate={{
              subject: one.subject,
              key: one.key_size ? `${one.key_type}, ${one.key_size} bits` : one.key_type,
              notBefore: one.not_before,
              notAfter: one.not_after,
            }}
          />
        ))}
      </Section>
    );
  if (!oidc) return null;
  return (
    <Section title="What was found">
      <Facts
        facts={[
          ["Issuer", <CopyText key="issuer" text={oidc.issuer} />],
          ["Authorization endpoint", <CopyText key="authorization" text={oidc.authorization_endpoint} />],
          ["Token endpoint", <CopyText key="token" text={oidc.token_endpoint} />],
          ["Keys", <CopyText key="keys" text={oidc.jwks_uri} />],
          ["Client ID", <CopyText key="client" text={oidc.client_id} />],
        ]}
      />
    </Section>
  );
}
