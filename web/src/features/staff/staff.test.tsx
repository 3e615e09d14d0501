import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import { refusal } from "@test/serve";

const HOA = { id: "p1", name: "Hoa", email: "hoa@example.com", role: "MANAGER" };
const MINH = { id: "p2", name: "Minh", email: "minh@example.com", role: "ADMIN" };
const staff = () => ({ body: { items: [HOA, MINH], nextCursor: null } });

describe("staff", () => {
  it("are listed, and those who were chosen are told something by the chosen ways", async () => {
    const page = await openAt(
      "/admin/staff",
      {
        "GET /admin/staff": staff,
        "POST /admin/notifications": () => ({ status: 202, body: { id: "a1" } }),
      },
      { role: "MANAGER" },
    );
    expect(await screen.findByText("minh@example.com")).toBeTruthy();
    await page.user.click(screen.getByRole("checkbox", { name: "Tell Hoa" }));
    await page.user.click(screen.getByRole("button", { name: "Write to 1" }));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByText("To: Hoa")).toBeTruthy();
    const send = dialog.getByRole("button", { name: "Send" });
    expect(send).toHaveProperty("disabled", true);
    await page.user.type(dialog.getByLabelText(/Others, by id/), "c1{Enter}c2");
    await page.user.click(dialog.getByRole("checkbox", { name: "E-mail" }));
    await page.user.type(dialog.getByLabelText("Title"), "Tết");
    await page.user.type(dialog.getByLabelText("Text"), "We are closed.");
    await page.user.click(send);
    expect(await screen.findByText(/It is on its way/)).toBeTruthy();
    expect(page.asked.at(-1)?.body).toEqual({
      userIds: ["p1", "c1", "c2"],
      channels: ["in_app", "email"],
      title: "Tết",
      content: "We are closed.",
    });
    expect(screen.getByRole("checkbox", { name: "Tell Hoa" })).toHaveProperty("checked", false);
  });

  it("are chosen all at once, and a refusal stands at its field in Vietnamese", async () => {
    const errors = [{ pointer: "/userIds/2", code: "unknown", detail: "Nobody has this id." }];
    const page = await openAt(
      "/admin/staff",
      {
        "GET /admin/staff": staff,
        "POST /admin/notifications": () => refusal(422, "VALIDATION_ERROR", { errors }),
      },
      { role: "ADMIN", language: "vi" },
    );
    await screen.findByText("hoa@example.com");
    await page.user.click(screen.getByRole("button", { name: "Chọn tất cả" }));
    await page.user.click(screen.getByRole("button", { name: "Viết cho 2 người" }));
    await page.user.type(screen.getByLabelText("Tiêu đề"), "Tết");
    await page.user.type(screen.getByLabelText("Nội dung"), "Nghỉ.");
    await page.user.click(screen.getByRole("button", { name: "Gửi" }));
    expect((await screen.findByTestId("error-others")).textContent).toBe("Không ai có mã này.");
  });
});
