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
        "GET /admin/circuits": () => ({ body: { items: [], nextCursor: null } }),
        "POST /admin/sheets/backfill": () => refusal(503, "QUEUE_FULL"),
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Test the connection" }));
    expect(await screen.findByText(/not shared with us/)).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Start: Write every lead again" }));
    const dialog = screen.getByRole("dialog");
    expect(page.asked.some(({ path }) => path === "/admin/sheets/backfill")).toBe(false);
    await page.user.click(within(dialog).getByRole("button", { name: "Start" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("Too much is waiting");
  });

  it("says why a run waits while Google is away, until when, and that nothing is lost", async () => {
    const waiting = { ...RUN, reason: "SERVICE_UNAVAILABLE", missing: 0, moved: 0 };
    const throttled = { ...waiting, id: "r2", reason: "throttled", state: "queued" };
    const strange = { ...waiting, id: "r3", reason: "sheet: it has moved", state: "queued" };
    const circuit = {
      service: "google_sheets",
      state: "open",
      failures: 5,
      openedAt: "2026-01-05T02:00:00Z",
      retryAt: "2026-01-05T02:00:30Z",
    };
    await openAt(
      "/admin/sheets",
      {
        "GET /admin/sheets/runs": () => ({
          body: { items: [waiting, throttled, strange], nextCursor: null },
        }),
        "GET /admin/circuits": () => ({ body: { items: [circuit], nextCursor: null } }),
        "POST /admin/sheets/check": () =>
          refusal(503, "SERVICE_UNAVAILABLE", { detail: "The circuit is open." }),
      },
      { role: "MANAGER" },
    );
    expect(await screen.findByText(/left alone until 5 Jan 2026, \d+:00:30/)).toBeTruthy();
    expect(await screen.findByText("Google does not answer; it goes on by itself.")).toBeTruthy();
    expect(screen.getByText(/quota of this minute is spent/)).toBeTruthy();
    expect(screen.getByText(/sheet: it has moved/)).toBeTruthy();
  });

  it("is asked once for one run: a second start is told that it is under way", async () => {
    const runs: unknown[] = [];
    const page = await openAt(
      "/admin/sheets",
      {
        "GET /admin/sheets/runs": () => ({ body: { items: runs, nextCursor: null } }),
        "GET /admin/circuits": () => ({ body: { items: [], nextCursor: null } }),
        "POST /admin/sheets/reconcile": () => {
          runs.splice(0, 1, RUN);
          return { status: 202, body: { runId: "r1" } };
        },
      },
      { role: "ADMIN" },
    );
    const start = async (): Promise<void> => {
      await page.user.click(screen.getByRole("button", { name: "Start: Compare with the sheet" }));
      await page.user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Start" }));
    };
    await screen.findByText("Nothing has been run yet.");
    await start();
    expect((await screen.findByTestId("toast")).textContent).toContain("It has begun");
    expect(await screen.findByRole("progressbar", { name: "Progress: Compare with the sheet" })).toBeTruthy();
    await start();
    expect((await screen.findByText(/This is under way already/)).textContent).toContain("below");
  });
});
