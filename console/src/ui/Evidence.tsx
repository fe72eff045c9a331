/** What the API says it saw, in a reader's words: instants in their zone, roles by name, what is to be typed set apart. */
import { Code } from "@radix-ui/themes";

import { exact, isInstant, moment } from "./time";
import { ROLE_NAMES, roleName } from "./names";

const PARTS = new RegExp(`(\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z|${ROLE_NAMES.join("|")}|\`[^\`]+\`)`);

export function Evidence({ text }: { text: string }) {
  return (
    <bdi className="name">
      {text.split(PARTS).map((part, index) => {
        if (index % 2 === 0) return part;
        if (part.startsWith("ROLE_")) return roleName(part);
        if (part.startsWith("`")) return <Code key={index}>{part.slice(1, -1)}</Code>;
        // Somebody's name may look like an instant.
        if (!isInstant(part)) return part;
        return (
          <time key={index} dateTime={part} title={exact(part)}>
            {moment(part)}
          </time>
        );
      })}
    </bdi>
  );
}
