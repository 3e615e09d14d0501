import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal } from "@test/serve";

const SINCE = "2026-01-05T02:00:00Z";
const DASHBOARD = {
  since: SINCE,
  endpoints: [{ path: "/leads", count: 1234, uniqueIps: 3 }],
  topIps: [{ ip: "203.0.113.7", count: 1200 }],
};
const OF_CLIENT = {
  ip: "203.0.113.7",
  count: 1200,
  items: [{ at: "2026-01-05T02:10:00Z", path: "/auth/login" }],
  nextCursor: null,
};
const ROUTES: Routes = {
  "GET /admin/rate-limits/dashboard": () => ({ body: DASHBOARD }),
  "GET /admin/rate-limits/violations/203.0.113.7": () => ({ body: OF_CLIENT }),
};

describe("rate limits", () => {
  it("show where and for whom requests were refused", async () => {
    await openAt("/admin/rate-limits", ROUTES, { role: "MANAGER" });
    const endpoints = await screen.findByRole("region", { name: "By endpoint" });
    expect(within(endpoints).getByText("/leads").closest("tr")?.textContent).toContain("1,234");
    expect(within(screen.getByRole("region", { name: "By address" })).getByText("203.0.113.7")).toBeTruthy();
  });

  it("take one address apart, at an address that can be shared", async () => {
    const page = await openAt("/admin/rate-limits", ROUTES, { role: "ADMIN" });
    await page.user.click(await screen.findByRole("button", { name: "Look closer: 203.0.113.7" }));
    const dialog = screen.getByRole("dialog", { name: "Refused: 203.0.113.7" });
    expect(await within(dialog).findByText("/auth/login")).toBeTruthy();
    expect(window.location.search).toBe("?ip=203.0.113.7");
    await page.user.click(within(dialog).getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(window.location.search).toBe("");
  });

  it("open the address that is asked for, and say when it has done nothing", async () => {
    const nothing = { ...OF_CLIENT, count: 0, items: [] };
    const routes = {
      ...ROUTES,
      "GET /admin/rate-limits/violations/203.0.113.7": () => ({ body: nothing }),
    };
    await openAt("/admin/rate-limits?ip=203.0.113.7", routes, { role: "ADMIN" });
    expect(await screen.findByText("Nothing of this address within the hour.")).toBeTruthy();
  });

  it("say so when nobody reached a limit, and when it cannot be told", async () => {
    let calls = 0;
    const page = await openAt(
      "/admin/rate-limits",
      {
        "GET /admin/rate-limits/dashboard": () =>
          (calls += 1) === 1
            ? refusal(503, "SERVICE_UNAVAILABLE")
            : { body: { since: SINCE, endpoints: [], topIps: [] } },
      },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Nobody has reached a limit within the hour.")).toBeTruthy();
  });
});
