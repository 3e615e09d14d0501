// Where to go after signing in.
import { isStaff } from "@/shared/session/roles";
import type { Person } from "@/shared/session/session";

/**
 * The address of this site that *next* names, else the page of the person's role. An address of any other
 * site, however it is written, is none (no open redirect: CWE-601).
 */
export function pageAfterSignIn(next: string | null, person: Person, origin: string): string {
  const home = isStaff(person.role) ? "/admin" : "/account";
  if (!next?.startsWith("/")) return home;
  try {
    const url = new URL(next, origin);
    return url.origin === origin && url.pathname !== "/login" ? url.pathname + url.search + url.hash : home;
  } catch {
    return home;
  }
}
