/** WorkOS settings: what is in force and where it comes from, changed after WorkOS was asked, with health beside it. */
import { Callout, Text } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { Time } from "../ui/Time";
import { useView, Views } from "../ui/Views";
import { HealthBeside } from "./health/HealthBeside";
import { Rotation } from "./settings/Rotation";
import { missingOf, SETTINGS_KEY, type Settings } from "./settings/settings";
import { SettingsForm } from "./settings/SettingsForm";

const VIEWS = [
  { name: "settings", title: "Settings" },
  { name: "rotation", title: "Rotation" },
] as const;
const EVERY_MS = 15_000;

export function Page() {
  const view = useView(VIEWS);
  const settings = useQuery({
    queryKey: SETTINGS_KEY,
    queryFn: () => answer(api.GET("/api/settings/workos")),
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      <PageHeader title="WorkOS settings">
        What the gateway signs in to WorkOS with. A secret goes in and is never shown again.
      </PageHeader>
      <Views label="Parts of the settings" views={VIEWS} />
      <div className="beside">
        <div>
          <Detail query={settings}>
            {(found) => (view === "rotation" ? <Rotations settings={found} /> : <InForce settings={found} />)}
          </Detail>
        </div>
        <HealthBeside />
      </div>
    </>
  );
}

function Rotations({ settings }: { settings: Settings }) {
  return (
    <>
      <Rotation kind="api_key" settings={settings} />
      <Rotation kind="webhook_secret" settings={settings} />
    </>
  );
}

function InForce({ settings }: { settings: Settings }) {
  const { version, updated_at: updatedAt, webhook_url: url } = settings;
  const text =
    version === 0 ? (
      "Nothing is saved here yet: the environment’s values count."
    ) : (
      <>
        Version {version}, saved <Time at={updatedAt} />. What is saved here comes before the environment.
      </>
    );
  return (
    <>
      <Missing settings={settings} />
      <Section title="In force" text={text}>
        <SettingsForm settings={settings} />
      </Section>
      <Section title="At WorkOS" text="What the WorkOS Dashboard needs to know of this gateway.">
        <Text as="p" size="2">
          Webhook endpoint: <CopyText text={url} label="the webhook endpoint’s address" />
        </Text>
        <Text as="p" size="2">
          Redirect URI: <CopyText text={settings.redirect_uri} label="the redirect URI" />
        </Text>
      </Section>
    </>
  );
}

/** What nobody has set yet: without it no one signs in, or no delivery is believed. */
function Missing({ settings }: { settings: Settings }) {
  const missing = missingOf(settings);
  if (missing.length === 0) return null;
  return (
    <Callout.Root highContrast color="amber" mb="4" role="status">
      <Callout.Text>
        <strong>Not set yet: {missing.join(", ")}.</strong> Copy what is missing from the WorkOS Dashboard. Until then nobody signs in
        through WorkOS, or its webhooks are refused.
      </Callout.Text>
    </Callout.Root>
  );
}
