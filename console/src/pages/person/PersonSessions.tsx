/** Where a person is signed in. */
import { Button } from "@radix-ui/themes";
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Confirm } from "../../ui/Confirm";
import { follow } from "../../ui/pace";
import { Section } from "../../ui/Section";
import { SessionTable } from "../../ui/SessionTable";
import { notify } from "../../ui/notify";

export function PersonSessions({ person }: { person: Schemas["UserShape"] }) {
  const { can, session } = useMe();
  const queries = useQueryClient();
  const path = { person_id: person.id };
  const sessions = useQuery({
    queryKey: ["sessions", person.id],
    queryFn: () => answer(api.GET("/api/users/{person_id}/sessions", { params: { path } })),
    refetchInterval: follow,
  });
  const reread = () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes(person.id) });
  const end = async (id: string) => {
    await answer(api.DELETE("/api/users/{person_id}/sessions/{session_id}", { params: { path: { ...path, session_id: id } } }));
    notify("The session has ended.");
    await reread();
  };
  const endAll = async () => {
    const { ended } = await answer(api.DELETE("/api/users/{person_id}/sessions", { params: { path } }));
    notify(ended === 1 ? "One session has ended." : `${ended} sessions have ended.`);
    await reread();
  };
  // One's own sessions are ended in "My account", which knows what that means for this page.
  const mayEnd = can("users:manage") && person.id !== session.user.id;
  return (
    <Section
      title="Sessions"
      actions={
        mayEnd &&
        person.sessions_count > 0 && (
          <Confirm
            trigger={
              <Button variant="soft" color="red">
                End all
              </Button>
            }
            title="End every session of this person?"
            text="They are signed out everywhere and can sign in again."
            action="End all sessions"
            onConfirm={endAll}
          />
        )
      }
    >
      <SessionTable label="Sessions" query={sessions} onEnd={mayEnd ? end : undefined} />
    </Section>
  );
}
