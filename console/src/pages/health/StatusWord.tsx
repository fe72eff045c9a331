/** How something stands: a sign, a word and a colour, each of which is enough. */
import { CheckCircledIcon, CrossCircledIcon, ExclamationTriangleIcon, QuestionMarkCircledIcon } from "@radix-ui/react-icons";
import { Badge } from "@radix-ui/themes";

import type { Status } from "./indicators";

const SHOWN = {
  ok: { word: "OK", color: "green", Sign: CheckCircledIcon },
  warning: { word: "needs attention", color: "amber", Sign: ExclamationTriangleIcon },
  failing: { word: "failing", color: "red", Sign: CrossCircledIcon },
  unknown: { word: "not known", color: "gray", Sign: QuestionMarkCircledIcon },
} as const;

/** Returns the sign and the colour of a state. */
export function shownAs(status: Status): (typeof SHOWN)[Status] {
  return SHOWN[status];
}

export function StatusWord({ status }: { status: Status }) {
  const { word, color, Sign } = SHOWN[status];
  return (
    <Badge highContrast color={color} className="status-word">
      <Sign aria-hidden /> {word}
    </Badge>
  );
}
