import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { ROW, STAFF } from "@test/lead";
import { openAt } from "@test/openAt";
import type { Asked, Routes } from "@test/serve";
import { refusal } from "@test/serve";

const listing = (items: unknown[]) => (): { body: unknown } => ({ body: { items, nextCursor: null } });

const QUIET: Routes = {
  "GET /admin/staff": listing(STAFF),
  "GET /admin/overview": () => ({ body: { open: { new: 1, unassigned: 1, quarantined: 3 } } }),
};

const questions = (asked: Asked[]): URLSearchParams[] =>
  asked.filter(({ path }) => path === "/admin/leads").map(({ query }) => query);

describe("the list of leads", () => {
  it("asks for what was typed once the typing has stopped, and keeps it in the address", async () => {
    const page = await openAt("/admin/leads", { ...QUIET, "GET /admin/leads": listing([ROW]) }, { role: "MANAGER" });
    await screen.findByRole("link", { name: "Trần Văn Minh" });
    await page.user.type(screen.getByTestId("lead-search"), "0912");
    await waitFor(() => {
      expect(questions(page.asked).at(-1)?.get("search")).toBe("0912");
    });
    expect(questions(page.asked).map((one) => one.get("search"))).toEqual([null, "0912"]);
    expect(window.location.search).toBe("?search=0912");
  });

  it("is opened with the filters of the address, and speaks Vietnamese", async () => {
    const page = await openAt(
      "/admin/leads?status=CONTACTED&search=Minh",
      { ...QUIET, "GET /admin/leads": listing([]) },
      { role: "ADMIN", language: "vi" },
    );
    expect(await screen.findByText("Không có yêu cầu nào như vậy.")).toBeTruthy();
    expect(questions(page.asked)[0]?.toString()).toBe("search=Minh&status=CONTACTED");
    expect(screen.getByLabelText<HTMLSelectElement>("Trạng thái").value).toBe("CONTACTED");
  });

  it("can be narrowed to somebody's leads", async () => {
    const page = await openAt("/admin/leads", { ...QUIET, "GET /admin/leads": listing([ROW]) }, { role: "MANAGER" });
    await screen.findByRole("option", { name: "Lan" });
    await page.user.selectOptions(screen.getByLabelText("Given to"), "Lan");
    await waitFor(() => {
      expect(questions(page.asked).at(-1)?.get("assignedTo")).toBe(STAFF[0]?.id);
    });
  });

  it("asks before a lead is let out of quarantine, then asks for the list anew", async () => {
    const held = { ...ROW, status: "QUARANTINED" };
    let isHeld = true;
    const page = await openAt(
      "/admin/leads?status=QUARANTINED",
      {
        ...QUIET,
        "GET /admin/leads": () => listing(isHeld ? [held] : [])(),
        [`POST /admin/leads/${ROW.id}/release`]: () => {
          isHeld = false;
          return { body: { ...held, status: "NEW" } };
        },
      },
      { role: "MANAGER" },
    );
    expect(await screen.findByText("3")).toBeTruthy();
    await page.user.click(await screen.findByRole("button", { name: "Release: Trần Văn Minh" }));
    expect(isHeld).toBe(true);
    const dialog = screen.getByRole("dialog");
    expect(dialog.textContent).toContain("the visitor gets their mail");
    await page.user.click(within(dialog).getByRole("button", { name: "Release" }));
    expect(await screen.findByText("Nothing is held back.")).toBeTruthy();
    expect(isHeld).toBe(false);
  });

  it("says what went wrong with an export", async () => {
    const page = await openAt(
      "/admin/leads",
      { ...QUIET, "GET /admin/leads": listing([ROW]), "GET /admin/leads.csv": () => refusal(503, "QUEUE_FULL") },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Save as CSV" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Too much is waiting");
  });

  it("waits for an export that is being written, and says how far it is", async () => {
    let calls = 0;
    const running = { id: "e1", state: "running", rows: 1200 };
    const page = await openAt(
      "/admin/leads?source=QUOTE_FORM",
      {
        ...QUIET,
        "GET /admin/leads": listing([ROW]),
        "GET /admin/leads.csv": () => ({ status: 202, body: running, headers: { "Retry-After": "0" } }),
        "GET /admin/exports/e1": () => ({
          status: (calls += 1) < 3 ? 202 : 503,
          body: running,
          headers: { "Retry-After": calls < 2 ? "0" : "1" },
        }),
      },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Save as CSV" }));
    expect(await screen.findByText("It is a large file: 1,200 leads are written so far.")).toBeTruthy();
    const first = page.asked.find(({ path }) => path === "/admin/leads.csv");
    expect(first?.query.toString()).toBe("source=QUOTE_FORM");
    expect(first?.headers.authorization).toBe("Bearer token-of-manager");
    await waitFor(() => {
      expect(calls).toBe(2);
    });
  });
});
