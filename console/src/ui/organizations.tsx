/** Organizations by name: for columns, filters and forms of operators, who see more than one. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api } from "../api/client";
import { useMe } from "../session/useSession";
import { Choice, withNamed, type Option } from "./Choice";
import { ChoiceFilter } from "./Filters";
import type { Column } from "./Listing";
import { Name } from "./Name";
import { allOf } from "./pagesOf";
import type { ListParams } from "./useListParams";

const LONG_MS = 5 * 60_000;
/** A choice of more than two thousand helps nobody; the list of organizations leads to every one. */
const MOST_PAGES = 20;
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Returns the reading of an organization, which rests unless it is wanted. */
function useOrganization(id: string, isWanted: boolean) {
  return useQuery({
    queryKey: ["organization", id],
    queryFn: () => answer(api.GET("/api/organizations/{organization_id}", { params: { path: { organization_id: id } } })),
    staleTime: LONG_MS,
    enabled: isWanted,
  });
}

/** The name of an organization, which leads to it. */
export function OrganizationLink({ id }: { id: string }) {
  const { session } = useMe();
  const isOwn = session.organization?.id === id;
  const found = useOrganization(id, !isOwn);
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

/** Returns the organizations as options; with them the one that is `named`, by its id of ours or of WorkOS. */
export function useOrganizationOptions(named = ""): readonly Option[] {
  const { isPlatform, session } = useMe();
  const all = useQuery({
    queryKey: ["organizations", "options"],
    queryFn: () =>
      allOf((after) => answer(api.GET("/api/organizations", { params: { query: { limit: 100, order: "asc", after } } })), MOST_PAGES),
    staleTime: LONG_MS,
    enabled: isPlatform,
  });
  const options = (all.data?.rows ?? []).map(({ id, name }) => ({ value: id, title: name }));
  const isListed = named === "" || options.some(({ value }) => value === named);
  const one = useOrganization(named, isPlatform && !isListed);
  if (!isPlatform) return session.organization ? [{ value: session.organization.id, title: session.organization.name }] : [];
  // By WorkOS's id it is in the list a second time.
  const others = options.filter(({ value }) => value === named || value !== one.data?.id);
  return withNamed(others, named, one.data?.name);
}

/** A choice of one organization. */
export function OrganizationChoice({ value, onPick }: { value: string | null; onPick: (id: string) => void }) {
  const options = useOrganizationOptions(value ?? "");
  return <Choice label="Organization" value={value ?? ""} options={options} onChange={(event) => onPick(event.target.value)} />;
}

/** A filter by organization, for operators alone. */
export function OrganizationFilter({ params }: { params: Pick<ListParams<"organization">, "filters" | "set"> }) {
  const { isPlatform } = useMe();
  const options = useOrganizationOptions(params.filters.organization);
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
