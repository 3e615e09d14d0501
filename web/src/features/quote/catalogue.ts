// What can be chosen: categories, and the materials of one of them.
import { useMemo } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { listAll } from "@/shared/api/lists";
import type { Material, ServiceCategory } from "@/shared/api/types";
import type { Resource } from "@/shared/hooks/useResource";
import { useResource } from "@/shared/hooks/useResource";

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
