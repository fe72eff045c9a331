/** Several pages of a list, one after the other. */
import type { ListOf } from "./Listing";

/** Returns the rows of at most `most` pages, and whether there are more. */
export async function allOf<T>(
  read: (after: string | undefined) => Promise<ListOf<T>>,
  most: number,
): Promise<{ rows: T[]; isCut: boolean }> {
  const rows: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < most; page++) {
    const { data, list_metadata: around } = await read(after);
    rows.push(...data);
    if (!around.after) return { rows, isCut: false };
    after = around.after;
  }
  return { rows, isCut: true };
}
