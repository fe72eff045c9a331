/** Roles, in words. */
import { Badge, Flex } from "@radix-ui/themes";

import { roleName } from "./names";

export function Roles({ roles }: { roles: readonly string[] }) {
  if (roles.length === 0) return <span className="muted">none</span>;
  return (
    <Flex gap="1" wrap="wrap">
      {roles.map((role) => (
        <Badge key={role} color={role.endsWith("_ADMIN") ? "indigo" : "gray"}>
          {roleName(role)}
        </Badge>
      ))}
    </Flex>
  );
}
