/** What WorkOS said to settings, one check after another. */
import { Text } from "@radix-ui/themes";

import { Checklist } from "../../ui/Checklist";
import type { Check } from "./settings";

const TITLES: Readonly<Record<Check["name"], string>> = {
  credentials: "API key",
  client_id: "Client ID",
  redirect_uri: "Redirect URI",
  webhook_endpoint: "Webhook endpoint",
  default_connection: "Default connection",
};

export function Checks({ title, checks }: { title: string; checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  return (
    <div role="status">
      <Text as="p" size="2" weight="medium">
        {title}
      </Text>
      <Checklist label={title} looked={checks} titles={TITLES} />
    </div>
  );
}
