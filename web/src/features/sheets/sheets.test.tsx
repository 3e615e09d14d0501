import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import { refusal } from "@test/serve";

const RUN = {
  id: "r1",
  kind: "reconcile",
  state: "running",
  done: 40,
  total: 100,
  missing: 2,
  foreign: 0,
  moved: 1,
  doubled: 0,
  refused: 0,
  reason: null,
  startedBy: null,
  createdAt: "2026-01-05T02:00:00Z",
  finishedAt: null,
};

describe("the sheet", () => {
  it("shows how far a run is, and what it found", async () => {
    const findings = [{ finding: "moved", rowNumber: 7, leadId: "lead-1" }];
    const page = await openAt(
      "/admin/sheets",
      {
        "GET /admin/sheets/runs": () => ({ body: { items: [RUN], nextCursor: null } }),
        "GET /admin/sheets/runs/r1": () => ({ body: { ...RUN, findings } }),
      },
      { role: "MANAGER" },
    );
    const bar = await screen.findByRole("progressbar");
    expect(bar.getAttribute("value")).toBe("40");
    expect(screen.getByText(/missing 2, moved 1/)).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Show findings" }));
    expect(await within(screen.getByRole("dialog")).findByText("moved by a person")).toBeTruthy();
  });

  it("says what is wrong with the connection, and asks before it writes everything", async () => {
    const page = await openAt(
      "/admin/sheets",
      {
        "GET /admin/sheets/runs": () => ({ body: { items: [], nextCursor: null } }),
        "POST /admin/sheets/check": () => ({
          body: { ok: false, tab: "Leads", rows: null, problem: "The sheet is not shared with us." },
        }),
        "POST /admin/sheets/backfill": () => refusal(503, "QUEUE_FULL"),
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Test the connection" }));
    expect(await screen.findByText(/not shared with us/)).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Write every lead again" }));
    const dialog = screen.getByRole("dialog");
    expect(page.asked.some(({ path }) => path === "/admin/sheets/backfill")).toBe(false);
    await page.user.click(within(dialog).getByRole("button", { name: "Start" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("Too much is waiting");
  });
});
