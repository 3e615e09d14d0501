import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { EVENTS, LEAD, LEAD_ID, ROW, STAFF } from "@test/lead";
import type { OpenAt } from "@test/openAt";
import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal } from "@test/serve";

const OTHER = { ...ROW, id: "0190a000-0000-7000-8000-0000000000b2", name: "Minh Trần", source: "CONTACT_FORM" };

async function openLead(lead: () => unknown, more: Routes = {}, language: "en" | "vi" = "en"): Promise<OpenAt> {
  const page = await openAt(
    `/admin/leads/${LEAD_ID}`,
    {
      "GET /admin/staff": () => ({ body: { items: STAFF, nextCursor: null } }),
      [`GET /admin/leads/${LEAD_ID}`]: () => ({ body: lead() }),
      [`GET /admin/leads/${LEAD_ID}/timeline`]: () => ({
        body: { leadId: LEAD_ID, events: EVENTS, isComplete: true },
      }),
      ...more,
    },
    { role: "MANAGER", language },
  );
  await screen.findByRole("heading", { level: 1, name: /Trần Văn Minh/ });
  return page;
}

describe("one lead", () => {
  it("shows whom to call, what was asked for, and tells its journey in sentences", async () => {
    await openLead(() => LEAD);
    expect(screen.getByRole("link", { name: "+84912345610" }).getAttribute("href")).toBe("tel:+84912345610");
    expect(screen.getByRole("link", { name: "minh@example.com" }).getAttribute("href")).toBe(
      "mailto:minh@example.com",
    );
    expect(screen.getByText("Sơn cao cấp").nextSibling?.textContent).toContain("912,000");
    expect(await screen.findByText("The form was sent: Calculator.")).toBeTruthy();
    const job = screen.getByText(/Row in the Google Sheet/, { selector: "p" });
    expect(job.textContent).toContain("Done");
    expect(job.textContent).toContain("with 2 attempts");
    expect(screen.getByText("A manager changed the lead.")).toBeTruthy();
    expect(screen.getByText(/Status: New → Contacted/)).toBeTruthy();
    expect(await screen.findByText(/Given to: nobody → Lan/)).toBeTruthy();
  });

  it("tells it in Vietnamese", async () => {
    await openLead(() => LEAD, {}, "vi");
    expect(await screen.findByText("Biểu mẫu đã được gửi: Tính giá.")).toBeTruthy();
    expect(screen.getByText("Một quản lý đã thay đổi yêu cầu.")).toBeTruthy();
  });

  it("saves a status and a note in one change, and shows what is then", async () => {
    let now: unknown = LEAD;
    const page = await openLead(() => now, {
      [`PATCH /admin/leads/${LEAD_ID}`]: () => {
        now = { ...LEAD, status: "CONTACTED" };
        return { body: now };
      },
    });
    await page.user.selectOptions(screen.getByLabelText("Status"), "Contacted");
    await page.user.type(screen.getByLabelText(/^Note/), "Hẹn thứ Hai.");
    await page.user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("option", { name: "Contacted (stays)" })).toBeTruthy();
    expect(page.asked.find(({ method }) => method === "PATCH")?.body).toEqual({
      status: "CONTACTED",
      note: "Hẹn thứ Hai.",
    });
    expect(screen.getByText("Saved.")).toBeTruthy();
  });

  it("saves nothing over what somebody else did meanwhile, says so, and shows it; the note stays", async () => {
    let now: unknown = LEAD;
    const page = await openLead(() => now);
    now = { ...LEAD, status: "CONVERTED" };
    await page.user.selectOptions(screen.getByLabelText("Status"), "Cancelled");
    await page.user.type(screen.getByLabelText(/^Note/), "Không nghe máy.");
    await page.user.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Somebody else has changed this lead");
    expect(await screen.findByRole("option", { name: "Converted (stays)" })).toBeTruthy();
    expect(page.asked.some(({ method }) => method === "PATCH")).toBe(false);
    expect(screen.getByLabelText<HTMLTextAreaElement>(/^Note/).value).toBe("Không nghe máy.");
  });

  it("is erased only after the word was typed", async () => {
    let isErased = false;
    const page = await openLead(() => LEAD, {
      [`POST /admin/leads/${LEAD_ID}/erase`]: () => {
        isErased = true;
        return { body: LEAD };
      },
    });
    await page.user.click(screen.getByRole("button", { name: "Erase the person" }));
    const dialog = within(screen.getByRole("dialog"));
    const button = dialog.getByRole<HTMLButtonElement>("button", { name: "Erase the person" });
    expect(button.disabled).toBe(true);
    await page.user.type(dialog.getByLabelText("Type ERASE to confirm"), "erase");
    await page.user.click(button);
    await waitFor(() => {
      expect(isErased).toBe(true);
    });
  });

  it("lets another lead join it after both were shown", async () => {
    const page = await openLead(() => LEAD, {
      "GET /admin/leads": () => ({ body: { items: [ROW, OTHER], nextCursor: null } }),
      [`POST /admin/leads/${LEAD_ID}/merge`]: () => refusal(409, "CONFLICT", { detail: "This lead is erased." }),
    });
    await page.user.click(screen.getByRole("button", { name: "Merge" }));
    expect(await screen.findByRole("button", { name: "Choose: Minh Trần" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Choose: Trần Văn Minh" })).toBeNull();
    await page.user.click(screen.getByRole("button", { name: "Choose: Minh Trần" }));
    await page.user.click(screen.getByRole("button", { name: "Merge these two" }));
    expect((await screen.findByRole("alert")).textContent).toContain("This lead is erased.");
    expect(page.asked.find(({ path }) => path.endsWith("/merge"))?.body).toEqual({ otherId: OTHER.id });
  });
});
