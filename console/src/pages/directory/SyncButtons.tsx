/** Sync now, and what it would change. */
import { EyeOpenIcon, UpdateIcon } from "@radix-ui/react-icons";
import { Button, Flex } from "@radix-ui/themes";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { answer, api, type Schemas } from "../../api/client";
import { ProblemNote } from "../../ui/states";

type Mode = Schemas["SyncRequest"]["mode"];

export function SyncButtons({ directoryId }: { directoryId: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const asking = useMutation({
    mutationFn: (mode: Mode) =>
      answer(
        api.POST("/api/directories/{directory_id}/sync", {
          params: { path: { directory_id: directoryId } },
          body: { mode },
        }),
      ),
    onSuccess: async (run) => {
      await queries.invalidateQueries({ queryKey: ["syncs", directoryId] });
      await navigate(`/directories/${directoryId}/syncs/${run.id}`);
    },
  });
  const loading = (mode: Mode) => asking.isPending && asking.variables === mode;
  return (
    <Flex direction="column" gap="2">
      <Flex gap="3" wrap="wrap">
        <Button variant="soft" loading={loading("plan")} onClick={() => asking.mutate("plan")}>
          <EyeOpenIcon /> Preview
        </Button>
        <Button loading={loading("apply")} onClick={() => asking.mutate("apply")}>
          <UpdateIcon /> Sync now
        </Button>
      </Flex>
      <ProblemNote error={asking.error} />
    </Flex>
  );
}
