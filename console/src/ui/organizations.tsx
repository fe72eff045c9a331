/** Organizations by name: for columns, filters and forms of operators, who see more than one. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api } from "../api/client";
import { useMe } from "../session/useSession";
import type { Option } from "./Choice";
import { ChoiceFilter } from "./Filters";
import type { Column } from "./Listing";
import { Name } from "./Name";
import type { ListParams } from "./useListParams";

const LONG_MS = 5 * 60_000;
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** The name of an organization, which leads to it. */
export function OrganizationLink({ id }: { id: string }) {
  const { session } = useMe();
  const isOwn = session.organization?.id === id;
  const found = useQuery({
    queryKey: ["organization", id],
    queryFn: () => answer(api.GET("/api/organizations/{organization_id}", { params: { path: { organization_id: id } } })),
    staleTime: LONG_MS,
    enabled: !isOwn,
  });
  return (
    <Link to={`/organizations/${id}`}>
      <Name>{isOwn ? session.organization?.name : (found.data?.name ?? id.slice(0, 8))}</Name>
    </Link>
  );
}

/** Whose something is: an organization, or nobody's and so the platform's. */
export function Owner({ id }: { id: string }) {
  return id === NOBODY ? "the platform" : <OrganizationLink id={id} />;
}

/** Returns the first hundred organizations as options. */
export function useOrganizationOptions(): Option[] {
  const { isPlatform, session } = useMe();
  const found = useQuery({
    queryKey: ["organizations", "options"],
    queryFn: () => answer(api.GET("/api/organizations", { params: { query: { limit: 100, order: "asc" } } })),
    staleTime: LONG_MS,
    enabled: isPlatform,
  });
  if (!isPlatform) return session.organization ? [{ value: session.organization.id, title: session.organization.name }] : [];
  return (found.data?.data ?? []).map(({ id, name }) => ({ value: id, title: name }));
}

/** A filter by organization, for operators alone. */
export function OrganizationFilter({ params }: { params: Pick<ListParams<"organization">, "filters" | "set"> }) {
  const { isPlatform } = useMe();
  const options = useOrganizationOptions();
  if (!isPlatform) return null;
  return <ChoiceFilter params={params} name="organization" label="Organization" options={options} />;
}

/** Returns the column that tells operators whose a row is; nothing for everybody else. */
export function useOrganizationColumn<T extends { organization_id: string | null }>(): Column<T>[] {
  const { isPlatform } = useMe();
  if (!isPlatform) return [];
  return [
    { title: "Organization", cell: (row) => (row.organization_id ? <OrganizationLink id={row.organization_id} /> : "–") },
  ];
}
