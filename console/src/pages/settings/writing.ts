/** Writing to the settings: over the version that was read, so that nobody's change is overwritten unseen. */
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { isConflict } from "../../api/problem";
import { written } from "../../ui/written";
import { SETTINGS_KEY } from "./settings";

type Changed = Schemas["ChangedSettingsShape"];

/** Returns how to write: what was written is what is shown from then on, and health is looked at anew. */
export function useWriting<T>(write: (wanted: T) => Promise<Changed>): UseMutationResult<Changed, Error, T> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: async (changed) => {
      await written(queries, SETTINGS_KEY, changed);
      await queries.invalidateQueries({ queryKey: ["integration-status"] });
    },
    onError: (error) => {
      if (isConflict(error)) void queries.invalidateQueries({ queryKey: SETTINGS_KEY });
    },
  });
}

/** Changes settings over a version of theirs. */
export function change(version: number, body: Schemas["ChangeSettings"]): Promise<Changed> {
  return answer(api.PATCH("/api/settings/workos", { params: { header: { "if-match": `"${version}"` } }, body }));
}

/** Takes a step of a rotation over a version of theirs. */
export function step(version: number, body: Schemas["RotateSecret"]): Promise<Changed> {
  return answer(api.POST("/api/settings/workos/rotate", { params: { header: { "if-match": `"${version}"` } }, body }));
}

/** Asks WorkOS about what is in force, or what a change would make of it; nothing is saved. */
export function verify(body?: Schemas["ChangeSettings"]): Promise<Schemas["VerificationShape"]> {
  return answer(api.POST("/api/settings/workos/verify", { body }));
}
