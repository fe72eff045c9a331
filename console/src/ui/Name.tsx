/** Somebody else's words (a name, a title): set apart, so that letters which turn the writing direction stay inside. */
import type { ReactNode } from "react";

export function Name({ children }: { children: ReactNode }) {
  return <bdi className="name">{children}</bdi>;
}
