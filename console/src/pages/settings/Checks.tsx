/** What WorkOS said to settings, one check a line. */
import { CheckCircledIcon, CrossCircledIcon, MinusCircledIcon } from "@radix-ui/react-icons";
import { Badge, Text } from "@radix-ui/themes";

import { Words } from "../../ui/Words";
import type { Check } from "./settings";

const TITLES: Readonly<Record<Check["name"], string>> = {
  credentials: "API key",
  client_id: "Client ID",
  redirect_uri: "Redirect URI",
  webhook_endpoint: "Webhook endpoint",
  default_connection: "Default connection",
};
const RESULTS = {
  ok: { word: "ok", color: "green", Sign: CheckCircledIcon },
  failed: { word: "failed", color: "red", Sign: CrossCircledIcon },
  skipped: { word: "not asked", color: "gray", Sign: MinusCircledIcon },
} as const;

export function Checks({ title, checks }: { title: string; checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  return (
    <div role="status">
      <Text as="p" size="2" weight="medium" mb="1">
        {title}
      </Text>
      <ul className="plain" aria-label={title}>
        {checks.map(({ name, result, evidence, remedy }) => {
          const { word, color, Sign } = RESULTS[result];
          return (
            <li key={name}>
              <Badge highContrast color={color} className="status-word">
                <Sign aria-hidden /> {word}
              </Badge>{" "}
              {TITLES[name]}: <Words>{evidence}</Words> {remedy && <Words>{remedy}</Words>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
