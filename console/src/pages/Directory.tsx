/** One directory: its facts, its users and groups, and its syncs. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { answer, api, type Schemas } from "../api/client";
import { useMe } from "../session/useSession";
import { CopyText } from "../ui/CopyText";
import { Detail } from "../ui/Detail";
import { Facts } from "../ui/Facts";
import { OrganizationLink } from "../ui/organizations";
import { follow } from "../ui/pace";
import { PageHeader } from "../ui/PageHeader";
import { Section } from "../ui/Section";
import { State } from "../ui/State";
import { Time } from "../ui/Time";
import { useView, Views } from "../ui/Views";
import { Groups } from "./directory/Groups";
import { providerName } from "./directory/providers";
import { SyncButtons } from "./directory/SyncButtons";
import { Syncs } from "./directory/Syncs";
import { Users } from "./directory/Users";

const VIEWS = [
  { name: "users", title: "Users" },
  { name: "groups", title: "Groups" },
  { name: "syncs", title: "Syncs" },
  { name: "about", title: "About" },
];

export function Page() {
  const { id = "" } = useParams();
  const directory = useQuery({
    queryKey: ["directory", id],
    queryFn: () => answer(api.GET("/api/directories/{directory_id}", { params: { path: { directory_id: id } } })),
    refetchInterval: follow,
  });
  return <Detail query={directory}>{(found) => <DirectoryPage directory={found} />}</Detail>;
}

function DirectoryPage({ directory }: { directory: Schemas["DirectoryShape"] }) {
  const { can } = useMe();
  const view = useView(VIEWS);
  return (
    <>
      <PageHeader
        title={directory.name}
        above={{ to: "/directories", title: "Directory Sync" }}
        actions={can("directories:sync") && <SyncButtons directoryId={directory.id} />}
      >
        {providerName(directory.provider)} · <State word={directory.state} /> · last sync{" "}
        <Time at={directory.last_synced_at} />
      </PageHeader>
      <Views label="Directory" views={VIEWS} />
      {view === "users" && <Users directoryId={directory.id} />}
      {view === "groups" && <Groups directoryId={directory.id} />}
      {view === "syncs" && <Syncs directoryId={directory.id} />}
      {view === "about" && <About directory={directory} />}
    </>
  );
}

function About({ directory }: { directory: Schemas["DirectoryShape"] }) {
  return (
    <Section title="About">
      <Facts
        facts={[
          ["Organization", <OrganizationLink key="organization" id={directory.organization_id} />],
          ["Provider", providerName(directory.provider)],
          ["Type", directory.type],
          ["Users", directory.users_count],
          ["Groups", directory.groups_count],
          ["Connected", <Time key="created" at={directory.created_at} />],
          ["Id", <CopyText key="id" text={directory.id} />],
          ["WorkOS id", <CopyText key="workos" text={directory.workos_id} />],
        ]}
      />
    </Section>
  );
}
