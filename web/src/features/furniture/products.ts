// The furniture that is offered, and what the server answers about its price.
import { useMemo } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { isRecord } from "@/shared/api/client";
import { listAll } from "@/shared/api/lists";
import type { Money } from "@/shared/api/types";
import type { Resource } from "@/shared/hooks/useResource";
import { useResource } from "@/shared/hooks/useResource";

import type { PricedBy } from "./form.ts";

export interface Product {
  id: string;
  name: string;
  description: string;
  unit: PricedBy;
  unitPrice: Money;
  fitInType: "FIXED" | "PERCENTAGE";
  fitInValue: number;
}

export interface FurniturePrice {
  items: { productId: string; name: string; fitIn: boolean; quantity: number; lineTotal: Money }[];
  subtotal: Money;
  fitInFeesTotal: Money;
  fees: { name: string; amount: Money }[];
  total: Money;
}

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
