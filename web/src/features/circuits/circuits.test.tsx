import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import { refusal } from "@test/serve";

const OPEN = {
  service: "google_sheets",
  state: "open",
  failures: 5,
  openedAt: "2026-01-05T02:00:00Z",
  retryAt: "2026-01-05T02:00:30Z",
};

const circuits = (items: unknown[]) => (): { body: unknown } => ({ body: { items, nextCursor: null } });

describe("circuits", () => {
  it("are shown to staff with their state in words", async () => {
    const page = await openAt(
      "/admin/circuits",
      { "GET /admin/circuits": circuits([OPEN]) },
      { role: "MANAGER" },
    );
    const row = (await screen.findByText("Google Sheets")).closest("tr");
    if (!row) throw new Error("no row");
    expect(within(row).getByText("Open: not called")).toBeTruthy();
    expect(within(row).getByText(/rows wait and are written afterwards/)).toBeTruthy();
    expect(row.textContent).toMatch(/:00.*:30/); // 30 s lie between opening and trial, so seconds are shown
    expect(page.asked.find(({ path }) => path === "/admin/circuits")?.headers.authorization).toBe(
      "Bearer token-of-manager",
    );
  });

  it("speak Vietnamese", async () => {
    const routes = { "GET /admin/circuits": circuits([]) };
    await openAt("/admin/circuits", routes, { role: "ADMIN", language: "vi" });
    expect(await screen.findByText(/Chưa dịch vụ nào/)).toBeTruthy();
  });

  it("say what went wrong, and ask again when told", async () => {
    let calls = 0;
    const page = await openAt(
      "/admin/circuits",
      {
        "GET /admin/circuits": () =>
          (calls += 1) === 1 ? refusal(503, "DATABASE_BUSY") : circuits([OPEN])(),
      },
      { role: "ADMIN" },
    );
    expect((await screen.findByRole("alert")).textContent).toContain("very busy");
    await page.user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Google Sheets")).toBeTruthy();
  });
});
