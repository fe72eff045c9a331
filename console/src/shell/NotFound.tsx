/** An address that leads nowhere. */
import { Link } from "react-router";

import { PageHeader } from "../ui/PageHeader";

export function NotFound() {
  return (
    <PageHeader title="There is no such page.">
      Check the address, or <Link to="/">go to the start</Link>.
    </PageHeader>
  );
}
