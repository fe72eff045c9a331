/** Where a value that counts comes from. */
import { Badge } from "@radix-ui/themes";

import type { Source } from "./settings";

const WORDS = { environment: "from the environment", platform: "saved here" } as const;

export function SourceBadge({ of }: { of: Source }) {
  return (
    <Badge highContrast color={of === "platform" ? "indigo" : "gray"}>
      {of ? WORDS[of] : "not set"}
    </Badge>
  );
}
