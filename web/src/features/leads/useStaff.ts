// Those to whom a lead can be given.
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";

export type StaffMember = ItemOf<"/admin/staff">;

export interface Staff {
  members: StaffMember[];
  /** The name of *id*; the id itself for somebody who is not staff any more, or while the list is read. */
  nameOf: (id: string) => string;
}

export function useStaff(): Staff {
  const api = useApi();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/staff", { signal }), [api]);
  const { state } = useResource(load);
  const members = state.status === "ready" ? state.data.items : [];
  return { members, nameOf: (id) => members.find((one) => one.id === id)?.name ?? id };
}
