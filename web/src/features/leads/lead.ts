// One lead as the pages of this feature pass it on, and which way it may go.
import type { AnswerOf } from "@/shared/api/operations";
import type { Status } from "@/shared/lead/statuses";

export type Lead = AnswerOf<"get", "/admin/leads/{id}">;
export type Timeline = AnswerOf<"get", "/admin/leads/{id}/timeline">;

/**
 * What a lead of each status can become by a person's choice. The API decides; this spares people choices
 * that it refuses. Quarantine is left by release and reject.
 */
export const WAYS: Record<Status, readonly Status[]> = {
  NEW: ["CONTACTED", "CONVERTED", "CANCELLED", "SPAM"],
  CONTACTED: ["CONVERTED", "CANCELLED"],
  CONVERTED: ["CONTACTED", "CANCELLED"],
  CANCELLED: ["CONTACTED", "CONVERTED"],
  SPAM: ["QUARANTINED"],
  QUARANTINED: [],
};

/** Somebody else changed the lead while this person looked at it. */
export class Overtaken extends Error {
  override name = "Overtaken";
}

/** What *before* and *now* differ in, of that which people decide about. */
export function isOvertaken(before: Lead, now: Lead): boolean {
  return (["status", "assignedTo", "erasedAt", "id"] as const).some((name) => before[name] !== now[name]);
}
