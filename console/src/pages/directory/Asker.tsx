/** Who asked for a sync: a person by their name, as far as the reader may see them. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api } from "../../api/client";
import { useMe } from "../../session/useSession";
import { CopyText } from "../../ui/CopyText";
import { fullName } from "../../ui/names";
import { Name } from "../../ui/Name";

export function Asker({ id }: { id: string }) {
  const { can } = useMe();
  const isPerson = id !== "gateway";
  const person = useQuery({
    queryKey: ["person", id],
    queryFn: () => answer(api.GET("/api/users/{person_id}", { params: { path: { person_id: id } } })),
    enabled: isPerson && can("users:read"),
  });
  if (!isPerson) return "the gateway";
  const name = person.data && (fullName(person.data) ?? person.data.email);
  if (!name) return <CopyText text={id} />;
  return (
    <Link to={`/people/${id}`}>
      <Name>{name}</Name>
    </Link>
  );
}
