// Who may open what; the API decides, this only spares people doors that stay shut.
import type { Person } from "./session.ts";

export type Role = Person["role"];

export function isStaff(role: Role): boolean {
  return role === "ADMIN" || role === "MANAGER";
}
