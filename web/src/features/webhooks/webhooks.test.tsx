import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import { refusal } from "@test/serve";

const WEBHOOK = {
  id: "w1",
  url: "https://crm.example.com/in",
  events: ["lead.created"],
  description: "",
  includesPersonalData: false,
  enabled: true,
  disabledReason: null,
  failingSince: null,
  previousSecretUntil: null,
  createdAt: "2026-01-05T02:00:00Z",
};

describe("webhooks", () => {
  it("show a new secret once, and a refused address at its field", async () => {
    let calls = 0;
    const errors = [{ pointer: "/url", code: "value_error", detail: "This leads into a private network." }];
    const page = await openAt(
      "/admin/webhooks",
      {
        "GET /admin/webhooks": () => ({ body: { items: calls > 1 ? [WEBHOOK] : [] } }),
        "POST /admin/webhooks": () =>
          (calls += 1) === 1
            ? refusal(422, "VALIDATION_ERROR", { errors })
            : { status: 201, body: { ...WEBHOOK, secret: "whsec_once" } },
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Add a webhook" }));
    const url = within(screen.getByRole("dialog")).getByLabelText("Address");
    await page.user.type(url, "https://10.0.0.1/");
    await page.user.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByTestId("error-url")).textContent).toContain("private network");
    await page.user.clear(url);
    await page.user.type(url, WEBHOOK.url);
    await page.user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("whsec_once")).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "I have it" }));
    expect(screen.queryByText("whsec_once")).toBeNull();
    expect(await screen.findByText(WEBHOOK.url)).toBeTruthy();
  });

  it("send a delivery again when told", async () => {
    const delivery = {
      id: "d1",
      event: "lead.created",
      leadId: "lead-1",
      at: "2026-01-05T02:00:00Z",
      status: "failed",
      attempts: 9,
      responseStatus: 500,
      nextAttemptAt: null,
    };
    const page = await openAt(
      "/admin/webhooks",
      {
        "GET /admin/webhooks": () => ({ body: { items: [WEBHOOK] } }),
        "GET /admin/webhooks/w1/deliveries": () => ({ body: { items: [delivery], nextCursor: null } }),
        "POST /admin/webhooks/w1/deliveries/d1/replay": () => ({ status: 202, body: delivery }),
      },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: /^Deliveries/ }));
    const dialog = screen.getByRole("dialog");
    expect(await within(dialog).findByText(/failed 500/)).toBeTruthy();
    await page.user.click(within(dialog).getByRole("button", { name: "Send again" }));
    expect(page.asked.some(({ path }) => path.endsWith("/d1/replay"))).toBe(true);
  });
});
