/** An address that leads nowhere. */
import { Link } from "react-router";

import { Empty } from "../ui/states";

export function NotFound() {
  return (
    <Empty title="There is no such page.">
      Check the address, or <Link to="/">go to the start</Link>.
    </Empty>
  );
}
