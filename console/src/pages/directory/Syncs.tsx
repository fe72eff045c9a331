/** The syncs of a directory, newest first. */
import { Link } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { useMe } from "../../session/useSession";
import { Listing, type Column } from "../../ui/Listing";
import { CALM_MS } from "../../ui/pace";
import { State } from "../../ui/State";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/Time";
import { useList } from "../../ui/useList";
import { useListParams } from "../../ui/useListParams";
import { isMoving, modeName, summary } from "./runs";

type Run = Schemas["SyncRunShape"];
const MOVING_MS = 2_000;

export function Syncs({ directoryId }: { directoryId: string }) {
  const { can } = useMe();
  const params = useListParams([]);
  const query = useList(
    ["syncs", directoryId, params.cursor],
    () =>
      answer(
        api.GET("/api/directories/{directory_id}/syncs", {
          params: { path: { directory_id: directoryId }, query: params.cursor },
        }),
      ),
    { every: (rows) => (rows?.data.some(isMoving) ? MOVING_MS : CALM_MS) },
  );
  const columns: Column<Run>[] = [
    {
      title: "Started",
      cell: (row) =>
        can("directories:sync") ? (
          <Link to={`/directories/${directoryId}/syncs/${row.id}`}>
            <Time at={row.created_at} />
          </Link>
        ) : (
          <Time at={row.created_at} />
        ),
    },
    { title: "Kind", cell: (row) => modeName(row.mode) },
    { title: "State", cell: (row) => <State word={row.status} /> },
    { title: "Changes", cell: (row) => summary(row) },
    { title: "Asked by", cell: (row) => (row.requested_by === "gateway" ? "the gateway" : "a person") },
    { title: "Finished", cell: (row) => <Time at={row.finished_at} none="–" /> },
  ];
  return (
    <Listing
      label="Syncs"
      query={query}
      columns={columns}
      rowKey={(row) => row.id}
      onTurn={params.turn}
      empty={<Empty title="It has never been synced.">“Sync now” reads everybody from the identity provider.</Empty>}
    />
  );
}
