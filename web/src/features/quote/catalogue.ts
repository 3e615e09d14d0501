// What can be chosen: categories, and the materials of one of them. Lists are read to their end.
import { useMemo } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { Api } from "@/shared/api/client";
import { isRecord } from "@/shared/api/client";
import type { Listing, Material, ServiceCategory } from "@/shared/api/types";
import type { Resource } from "@/shared/hooks/useResource";
import { useResource } from "@/shared/hooks/useResource";

const MOST_PAGES = 20;

function isListing<T>(value: unknown): value is Listing<T> {
  return isRecord(value) && Array.isArray(value["items"]) && value["items"].every(isRecord);
}

async function listAll<T>(
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

export function useCategories(): Resource<ServiceCategory[]> {
  const api = useApi();
  return useResource(
    useMemo(
      () => (signal: AbortSignal) => listAll<ServiceCategory>(api, "/service-categories", {}, signal),
      [api],
    ),
  );
}

/** The materials offered for a category; none are asked for while no category is chosen. */
export function useMaterials(categoryId: string): Resource<Material[]> {
  const api = useApi();
  const load = useMemo(
    () =>
      categoryId === ""
        ? null
        : (signal: AbortSignal) => listAll<Material>(api, "/materials", { categoryId }, signal),
    [api, categoryId],
  );
  return useResource(load);
}
