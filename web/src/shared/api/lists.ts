// Public lists, read to their end.
import type { Api } from "./client.ts";
import { isRecord } from "./client.ts";
import type { Listing } from "./types.ts";

const MOST_PAGES = 20;

function isListing<T>(value: unknown): value is Listing<T> {
  return isRecord(value) && Array.isArray(value["items"]) && value["items"].every(isRecord);
}

export async function listAll<T>(
  api: Api,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const search = new URLSearchParams(cursor === null ? query : { ...query, cursor }).toString();
    const listing: Listing<T> = await api.call(search ? `${path}?${search}` : path, {
      signal,
      accepts: isListing<T>,
    });
    items.push(...listing.items);
    cursor = listing.nextCursor;
    if (!cursor) break;
  }
  return items;
}
