/** Groups of an organization's directories: those to suggest, and all that have a name. */
import { useQuery } from "@tanstack/react-query";

import { answer, api, type Schemas } from "../../api/client";
import { allOf } from "../../ui/pagesOf";
import type { Found } from "./drafts";

type Directory = Schemas["DirectoryShape"];
/** Most characters that the API searches for. */
const SEARCHED = 256;
const LIMIT = 100;

async function directoriesOf(organization: string): Promise<Directory[]> {
  const read = (after?: string) =>
    answer(api.GET("/api/directories", { params: { query: { organization, limit: LIMIT, after } } }));
  return (await allOf(read, Infinity)).rows;
}

function groupsOf(directory: Directory, search?: string, after?: string) {
  const params = { path: { directory_id: directory.id }, query: { limit: LIMIT, search, after } };
  return answer(api.GET("/api/directories/{directory_id}/groups", { params }));
}

/** Returns what the directories of an organization are called, by their ids. */
export function useDirectoryNames(organization: string): ReadonlyMap<string, string> {
  const { data = [] } = useQuery({ queryKey: ["directories-of", organization], queryFn: () => directoriesOf(organization) });
  return new Map(data.map(({ id, name }) => [id, name]));
}

/** Returns names to suggest: those of the first hundred groups of each directory. */
export function useSuggestions(organization: string): string[] {
  const { data = [] } = useQuery({
    queryKey: ["groups-of", organization],
    queryFn: async () => {
      const lists = await Promise.all((await directoriesOf(organization)).map((directory) => groupsOf(directory)));
      return lists.flatMap(({ data }) => data.map(({ name }) => name));
    },
  });
  return [...new Set(data)];
}

/** Returns every group that has this very name, in whichever directory; the suggestions are not all there are. */
export async function groupsNamed(organization: string, name: string): Promise<Found[]> {
  // Cut between characters: half of one would be searched for in vain.
  const search = Array.from(name).slice(0, SEARCHED).join("");
  const lists = await Promise.all(
    (await directoriesOf(organization)).map(async (directory) => {
      const { rows } = await allOf((after) => groupsOf(directory, search, after), Infinity);
      return rows.filter((group) => group.name.trim() === name).map((group) => ({ group, directory: directory.name }));
    }),
  );
  return lists.flat();
}
