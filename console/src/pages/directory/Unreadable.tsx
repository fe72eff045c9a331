/** What is shown of a directory that WorkOS cannot read: that it is of before, and what to do. A sync of it completes all the same. */
import { Callout } from "@radix-ui/themes";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { follow } from "../../ui/pace";

type Directory = Schemas["DirectoryShape"];

const WHY: Partial<Record<Directory["state"], string>> = {
  invalid_credentials: "Its provider refuses the credentials: people and groups are as WorkOS last read them.",
  unlinked: "It is disconnected: people and groups are as they were.",
};

/** The directory of an id; the page follows what becomes of it. */
export function useDirectory(id: string) {
  return useQuery({
    queryKey: ["directory", id],
    queryFn: () => answer(api.GET("/api/directories/{directory_id}", { params: { path: { directory_id: id } } })),
    refetchInterval: follow,
  });
}

export function Unreadable({ directory }: { directory: Directory | undefined }) {
  const why = directory && WHY[directory.state];
  if (!why) return null;
  return (
    <Callout.Root highContrast color="red" role="alert" mb="4">
      <Callout.Text>
        <strong>WorkOS cannot read this directory.</strong> {why} Set it up again by a link to the Admin Portal from{" "}
        <Link to={`/organizations/${directory.organization_id}`}>the organization’s page</Link>.
      </Callout.Text>
    </Callout.Root>
  );
}
