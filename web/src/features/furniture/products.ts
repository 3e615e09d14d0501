// The furniture that is offered, and what the server answers about its price.
import { useMemo } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { isRecord } from "@/shared/api/client";
import { listAll } from "@/shared/api/lists";
import type { FurniturePrice, Product } from "@/shared/api/types";
import type { Resource } from "@/shared/hooks/useResource";
import { useResource } from "@/shared/hooks/useResource";

export function isFurniturePrice(value: unknown): value is FurniturePrice {
  return (
    isRecord(value) &&
    Array.isArray(value["items"]) &&
    Array.isArray(value["fees"]) &&
    isRecord(value["subtotal"]) &&
    isRecord(value["total"])
  );
}

export function useProducts(): Resource<Product[]> {
  const api = useApi();
  return useResource(
    useMemo(() => (signal: AbortSignal) => listAll<Product>(api, "/furniture/products", {}, signal), [api]),
  );
}
