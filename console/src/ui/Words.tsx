/** A sentence of the API's: what stands in backticks is something to be typed or looked for. */
import { Code } from "@radix-ui/themes";

import { Name } from "./Name";

export function Words({ children }: { children: string }) {
  return (
    <Name>
      {children.split("`").map((part, index) => (index % 2 === 1 ? <Code key={index}>{part}</Code> : part))}
    </Name>
  );
}
