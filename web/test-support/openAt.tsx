// Opens any page of the site as a person of a role (or nobody) sees it, against the routes that a test names.
import { render } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { userEvent } from "@testing-library/user-event";

import { App } from "@/app/App";
import type { Role } from "@/shared/session/roles";

import type { Answered, Routes, Served } from "./serve.ts";
import { serve } from "./serve.ts";

export interface OpenAt extends Served {
  user: UserEvent;
}

/** What sign-in and refresh answer for a person of *role*. */
export function signedInAs(role: Role): Answered {
  const name = role.toLowerCase();
  const user = { id: "0190a000-0000-7000-8000-000000000001", email: `${name}@plumbline.test`, name, role };
  return { body: { accessToken: `token-of-${name}`, expiresIn: 900, user } };
}

/** The page at *address*, in English unless told. */
export async function openAt(
  address: string,
  routes: Routes,
  { role, language = "en" }: { role?: Role; language?: "en" | "vi" } = {},
): Promise<OpenAt> {
  const session: Routes = role ? { "POST /auth/refresh": () => signedInAs(role) } : {};
  const served = await serve({ ...session, ...routes });
  globalThis.jsdom.reconfigure({ url: served.url + address });
  window.localStorage.setItem("plumbline:lang", language);
  if (role) window.localStorage.setItem("plumbline:signed-in", "1");
  render(<App />);
  return { ...served, user: userEvent.setup() };
}
