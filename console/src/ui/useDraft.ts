/** What somebody typed over something that others may save meanwhile: it stays, and is never saved over what was not seen. */
import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useState } from "react";

import { isConflict } from "../api/problem";
import { useUnsaved } from "./useUnsaved";
import { written } from "./written";

export interface Drafted<T> {
  /** Null while nothing differs from what is in force. */
  typed: T | null;
  /** The version to save over: the last one that the person was told about. */
  begunAt: number;
  isOutdated: boolean;
  edit: (typed: T) => void;
  discard: () => void;
  goOn: () => void;
}

interface Kept<T> {
  typed: T;
  begunAt: number;
}

export function useDraft<T>(version: number, isChange: (typed: T) => boolean): Drafted<T> {
  const [last, setKept] = useState<Kept<T> | null>(null);
  const kept = last && isChange(last.typed) ? last : null;
  // What was saved is no draft any more; kept, it would be one again as soon as somebody else saves.
  if (last && !kept) setKept(null);
  useUnsaved(kept !== null);
  return {
    typed: kept?.typed ?? null,
    begunAt: kept?.begunAt ?? version,
    isOutdated: kept !== null && kept.begunAt !== version,
    edit: (typed) => setKept({ typed, begunAt: kept?.begunAt ?? version }),
    discard: () => setKept(null),
    goOn: () => setKept(kept && { ...kept, begunAt: version }),
  };
}

/** Returns how to send a draft: what is answered is in force from then on; refused as outdated, what is in force is read. */
export function useSave<T, A extends unknown[]>(key: QueryKey, send: (...asked: A) => Promise<T>): (...asked: A) => Promise<void> {
  const queries = useQueryClient();
  return async (...asked) => {
    try {
      await written(queries, key, await send(...asked));
    } catch (error) {
      if (isConflict(error)) await queries.invalidateQueries({ queryKey: key });
      throw error;
    }
  };
}

/** Somebody else's save is told of on the page, so the question before the own one is answered. */
export function leaveConflict(error: unknown): void {
  if (!isConflict(error)) throw error;
}
