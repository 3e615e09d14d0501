import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { createApi } from "@/shared/api/client";

import { openAt, signedInAs } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal, serve } from "@test/serve";
import { createSession, signed } from "./session.ts";

const MARK = "plumbline:signed-in";
const NOBODY: Routes = { "POST /auth/refresh": () => refusal(401, "UNAUTHENTICATED") };

async function begin(routes: Routes) {
  const served = await serve(routes);
  globalThis.jsdom.reconfigure({ url: `${served.url}/` });
  const anyone = createApi(served.url);
  const session = createSession(anyone);
  return { ...served, session, api: signed(anyone, session) };
}

describe("a session", () => {
  it("is not asked for where none was begun on this device", async () => {
    const { session, asked } = await begin(NOBODY);
    const stop = session.start();
    expect(session.snapshot().status).toBe("anonymous");
    expect(asked).toHaveLength(0);
    stop();
  });

  it("comes back after a reload, and is over when the server says so", async () => {
    window.localStorage.setItem(MARK, "1");
    const first = await begin({ "POST /auth/refresh": () => signedInAs("ADMIN") });
    first.session.start()();
    await waitFor(() => {
      expect(first.session.snapshot().status).toBe("signedIn");
    });
    const second = await begin(NOBODY);
    second.session.start()();
    await waitFor(() => {
      expect(second.session.snapshot().status).toBe("anonymous");
    });
    expect(window.localStorage.getItem(MARK)).toBeNull();
  });

  it("stays unknown, and is not forgotten, while the server cannot be asked", async () => {
    window.localStorage.setItem(MARK, "1");
    const { session } = await begin({ "POST /auth/refresh": () => refusal(503, "DATABASE_BUSY") });
    session.start()();
    await waitFor(() => {
      expect(session.snapshot()).toEqual({ status: "unknown", failed: true });
    });
    expect(window.localStorage.getItem(MARK)).toBe("1");
  });

  it("renews a token that has run out once for all calls at the same time, unseen", async () => {
    let renewals = 0;
    const { session, api } = await begin({
      "POST /auth/login": () => ({ body: { ...(signedInAs("MANAGER").body as object), accessToken: "old" } }),
      "POST /auth/refresh": () => {
        renewals += 1;
        return { body: { ...(signedInAs("MANAGER").body as object), accessToken: "new" } };
      },
      "GET /admin/circuits": ({ headers }) =>
        headers.authorization === "Bearer new"
          ? { body: { items: [], nextCursor: null } }
          : refusal(401, "UNAUTHENTICATED"),
    });
    await session.signIn("manager@plumbline.test", "password");
    const answers = await Promise.all([1, 2, 3].map(() => api.request("get", "/admin/circuits")));
    expect(answers.map(({ items }) => items)).toEqual([[], [], []]);
    expect(renewals).toBe(1);
  });

  it("ends here when it ends in another tab", async () => {
    const { session } = await begin({ "POST /auth/login": () => signedInAs("ADMIN") });
    const stop = session.start();
    await session.signIn("admin@plumbline.test", "password");
    window.dispatchEvent(new StorageEvent("storage", { key: MARK, newValue: null }));
    expect(session.snapshot().status).toBe("anonymous");
    stop();
  });
});

describe("doors", () => {
  it("lead to sign-in and remember where one wanted to go", async () => {
    await openAt("/admin/circuits", NOBODY);
    await waitFor(() => {
      expect(window.location.pathname).toBe("/login");
    });
    expect(new URLSearchParams(window.location.search).get("next")).toBe("/admin/circuits");
  });

  it("of staff stay shut for others, with a reason", async () => {
    await openAt("/admin/circuits", {}, { role: "HOMEOWNER" });
    expect(await screen.findByRole("heading", { name: "This page is for staff" })).toBeTruthy();
  });

  it("that there are not are said not to be there", async () => {
    await openAt("/nowhere", {});
    expect(screen.getByRole("heading", { name: "There is no such page" })).toBeTruthy();
    await act(() => Promise.resolve());
    expect(document.title).toContain("no such page");
  });
});
