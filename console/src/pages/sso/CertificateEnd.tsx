/** Until when a certificate is good, and whether that is soon. */
import { Badge } from "@radix-ui/themes";

import { Time, useNow } from "../../ui/Time";
import { expiry } from "./expiry";

export function CertificateEnd({ at, none = "–" }: { at: string | null; none?: string }) {
  const now = useNow();
  if (!at) return <span className="muted">{none}</span>;
  const how = expiry(at, now);
  return (
    <span className="step">
      <Time at={at} />
      {how !== "good" && (
        <Badge highContrast color={how === "expired" ? "red" : "amber"}>
          {how === "expired" ? "expired" : "ends soon"}
        </Badge>
      )}
    </span>
  );
}
