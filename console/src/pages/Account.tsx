/** My account: profile, my sessions, sign out everywhere. */
import { Badge, Button, Flex } from "@radix-ui/themes";
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import { keeper } from "../session/keeper";
import { useMe } from "../session/useSession";
import { Confirm } from "../ui/Confirm";
import { CopyText } from "../ui/CopyText";
import { Facts } from "../ui/Facts";
import { Name } from "../ui/Name";
import { fullName, roleName } from "../ui/names";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { SessionTable } from "../ui/SessionTable";
import { Time } from "../ui/Time";
import { notify } from "../ui/notify";

export function Page() {
  const { session } = useMe();
  const { user, organization, roles } = session;
  return (
    <>
      <PageHeader title="My account">Who you are here, and where you are signed in.</PageHeader>
      <Section title="Profile" text="This comes from your identity provider; change it there.">
        <Facts
          facts={[
            ["Name", <Name key="name">{fullName(user)}</Name>],
            ["E-mail", user.email && <Name key="email">{user.email}</Name>],
            ["Organization", <Name key="organization">{organization?.name ?? "MemberPulse (emergency access)"}</Name>],
            ["Department", user.department && <Name key="department">{user.department}</Name>],
            ["Job title", user.job_title && <Name key="job">{user.job_title}</Name>],
            [
              "Roles",
              <Flex key="roles" gap="1" wrap="wrap">
                {roles.map((role) => (
                  <Badge key={role}>{roleName(role)}</Badge>
                ))}
              </Flex>,
            ],
            ["User id", <CopyText key="id" text={user.id} label="your user id" />],
            ["Signed in", <Time key="in" at={session.session.auth_time} />],
            ["Session ends", <Time key="out" at={session.session.expires_at} />],
          ]}
        />
      </Section>
      <MySessions />
    </>
  );
}

function MySessions() {
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["my-sessions"], queryFn: () => answer(api.GET("/auth/sessions")) });
  const end = async (id: string, isThisOne: boolean) => {
    await answer(api.DELETE("/auth/sessions/{session_id}", { params: { path: { session_id: id } } }));
    if (isThisOne) keeper.forget();
    else await queries.invalidateQueries({ queryKey: ["my-sessions"] });
    notify("The session has ended.");
  };
  const endAll = async () => {
    await answer(api.DELETE("/auth/sessions"));
    keeper.forget();
  };
  return (
    <Section
      title="Sessions"
      text="Every browser in which you are signed in. If you do not recognise one, end its session and tell your administrator."
      actions={
        <Confirm
          trigger={
            <Button variant="soft" color="red">
              Sign out everywhere
            </Button>
          }
          title="Sign out everywhere?"
          text="All your sessions end at once, including this one."
          action="Sign out everywhere"
          onConfirm={endAll}
        />
      }
    >
      <SessionTable label="My sessions" query={sessions} onEnd={end} />
    </Section>
  );
}
