/** The connection of a sign-in that does not say where: one of those that people can sign in over. */
import { useQuery } from "@tanstack/react-query";

import { answer, api } from "../../api/client";
import { Choice } from "../../ui/Choice";
import { useOrganizationOptions } from "../../ui/organizations";

interface DefaultConnectionProps {
  value: string;
  onChange: (id: string) => void;
}

export function DefaultConnection({ value, onChange }: DefaultConnectionProps) {
  const owners = useOrganizationOptions();
  const active = useQuery({
    queryKey: ["connections", "options"],
    queryFn: () => answer(api.GET("/api/auth/sso/connections", { params: { query: { state: "active", limit: 100 } } })),
  });
  const usable = (active.data?.data ?? []).map(({ id, name, organization_id: owner }) => {
    const organization = owners.find((one) => one.value === owner)?.title;
    return { value: id, title: organization ? `${name} (${organization})` : name };
  });
  const isListed = value === "" || usable.some((one) => one.value === value);
  return (
    <Choice
      label="Default connection"
      value={value}
      options={[
        { value: "", title: "None: a sign-in must say where" },
        ...(isListed ? [] : [{ value, title: active.data ? `${value} (not active)` : value }]),
        ...usable,
      ]}
      hint="Where a sign-in goes that names neither an organization nor an e-mail address."
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
