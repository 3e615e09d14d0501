import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal } from "@test/serve";

const QUEUE = {
  name: "email",
  depth: 2,
  waiting: 1,
  inFlight: 1,
  delayed: 0,
  processingRatePerMinute: 3.25,
  averageProcessingMs: 41.6,
  failed: 7,
  dead: 1,
  health: "critical",
  worker: "unavailable",
};
const LETTER = {
  jobId: "j1",
  type: "quotation",
  attempts: 4,
  failedAt: "2026-01-05T02:00:00Z",
  reason: "The address was refused.",
  correlationId: "corr-7",
  payload: { subjectId: "lead-1", recipientId: null, epoch: 0 },
};

function routes(letters: unknown[], dead = letters.length): Routes {
  return {
    "GET /admin/queues": () => ({ body: { items: [{ ...QUEUE, dead }] } }),
    "GET /admin/queues/email/dead-letters": () => ({ body: { items: letters, nextCursor: null } }),
  };
}

const LIVE = { timeout: 8000 };

describe("queues", () => {
  it("show their figures, and what is wrong in words", async () => {
    await openAt("/admin/queues", routes([]), { role: "MANAGER" });
    const card = await screen.findByRole("region", { name: "E-mail" });
    expect(within(card).getByText("needs you")).toBeTruthy();
    expect(within(card).getByText("worker does not finish anything")).toBeTruthy();
    expect(within(card).getByText("42 ms")).toBeTruthy();
    expect(await screen.findByText(/Everything has reached its end/)).toBeTruthy();
  });

  it("let a dead letter be looked at and tried again, once asked twice", async () => {
    const path = "POST /admin/queues/email/dead-letters/j1/redrive";
    let calls = 0;
    const page = await openAt(
      "/admin/queues",
      {
        ...routes([LETTER]),
        [path]: () =>
          (calls += 1) === 1
            ? refusal(503, "QUEUE_FULL")
            : { status: 202, body: { redriven: 1, remaining: 0 } },
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: /^Look at it: Quotation by mail/ }));
    expect(within(screen.getByRole("dialog")).getByText("corr-7")).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Close" }));
    await page.user.click(screen.getByRole("button", { name: /^Try again: Quotation by mail/ }));
    const dialog = screen.getByRole("dialog");
    await page.user.click(within(dialog).getByRole("button", { name: "Try again" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("Too much is waiting");
    await page.user.click(within(dialog).getByRole("button", { name: "Try again" }));
    expect((await screen.findByTestId("toast")).textContent).toContain("It is being tried again.");
    expect(page.asked.filter(({ method }) => method === "POST")).toHaveLength(3);
  });

  it("say how many all are before they are tried again, and how many are left", async () => {
    const page = await openAt(
      "/admin/queues?queue=email",
      {
        ...routes([LETTER, { ...LETTER, jobId: "j2", type: "a_newer_type" }], 1200),
        "POST /admin/queues/email/redrive-all": () => ({
          status: 202,
          body: { redriven: 1000, remaining: 200 },
        }),
      },
      { role: "MANAGER" },
    );
    expect(await screen.findByText("a_newer_type")).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Try all again" }));
    const dialog = screen.getByRole("dialog");
    expect(within(dialog).getByText(/^1,200 dead letters run again/)).toBeTruthy();
    await page.user.click(within(dialog).getByRole("button", { name: "Try all again" }));
    expect((await screen.findByTestId("toast")).textContent).toContain(
      "1000 are being tried again; 200 are left.",
    );
  });

  it("say why a letter that somebody else took is not tried again", async () => {
    const detail = "This job is waiting; only a dead one can be redriven.";
    const path = "POST /admin/queues/email/dead-letters/j1/redrive";
    const page = await openAt(
      "/admin/queues",
      { ...routes([LETTER]), [path]: () => refusal(409, "CONFLICT", { detail }) },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: /^Try again: Quotation by mail/ }));
    const dialog = screen.getByRole("dialog");
    await page.user.click(within(dialog).getByRole("button", { name: "Try again" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("only a dead one");
  });

  it("lead from a letter to its lead, where it has one", async () => {
    const welcome = { ...LETTER, jobId: "j2", type: "welcome" };
    const page = await openAt("/admin/queues", routes([LETTER, welcome]), { role: "MANAGER" });
    await page.user.click(await screen.findByRole("button", { name: /^Look at it: Mail to confirm/ }));
    expect(within(screen.getByRole("dialog")).queryByRole("link")).toBeNull();
    await page.user.click(screen.getByRole("button", { name: "Close" }));
    await page.user.click(screen.getByRole("button", { name: /^Look at it: Quotation/ }));
    expect(screen.getByRole("link", { name: "Open the lead" }).getAttribute("href")).toBe(
      "/admin/leads/lead-1",
    );
  });

  it("leave the list as it is read, and say that more have come", async () => {
    let dead = 1;
    const letters = [LETTER];
    const page = await openAt(
      "/admin/queues",
      {
        "GET /admin/queues": () => ({ body: { items: [{ ...QUEUE, dead }] } }),
        "GET /admin/queues/email/dead-letters": () => ({ body: { items: letters, nextCursor: null } }),
      },
      { role: "MANAGER" },
    );
    await screen.findByRole("button", { name: /^Look at it: Quotation/ });
    dead = 2;
    letters.push({ ...LETTER, jobId: "j2", type: "welcome" });
    expect(await screen.findByText(/More have come since this was listed: 1/, {}, LIVE)).toBeTruthy();
    expect(screen.queryByText("Mail to confirm an account")).toBeNull();
    await page.user.click(screen.getByRole("button", { name: "List them anew" }));
    expect(await screen.findByText("Mail to confirm an account")).toBeTruthy();
    expect(screen.queryByText(/More have come/)).toBeNull();
  }, 10_000);
});
