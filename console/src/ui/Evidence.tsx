/** What the API says it saw, in a reader's words: instants in their zone, roles by name. */
import { moment, exact } from "./time";
import { ROLE_NAMES, roleName } from "./names";

const PARTS = new RegExp(`(\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z|${ROLE_NAMES.join("|")})`);

export function Evidence({ text }: { text: string }) {
  return (
    <bdi className="name">
      {text.split(PARTS).map((part, index) => {
        if (index % 2 === 0) return part;
        return part.startsWith("ROLE_") ? (
          roleName(part)
        ) : (
          <time key={index} dateTime={part} title={exact(part)}>
            {moment(part)}
          </time>
        );
      })}
    </bdi>
  );
}
