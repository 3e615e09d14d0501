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

function routes(letters: unknown[]): Routes {
  return {
    "GET /admin/queues": () => ({ body: { items: [QUEUE] } }),
    "GET /admin/queues/email/dead-letters": () => ({ body: { items: letters, nextCursor: null } }),
  };
}

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
    await page.user.click(await screen.findByRole("button", { name: /^Look at it: quotation/ }));
    expect(within(screen.getByRole("dialog")).getByText("corr-7")).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Close" }));
    await page.user.click(screen.getByRole("button", { name: /^Try again: quotation/ }));
    const dialog = screen.getByRole("dialog");
    await page.user.click(within(dialog).getByRole("button", { name: "Try again" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("Too much is waiting");
    await page.user.click(within(dialog).getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("It is being tried again.")).toBeTruthy();
    expect(page.asked.filter(({ method }) => method === "POST")).toHaveLength(3);
  });
});
