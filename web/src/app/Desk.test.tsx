import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";

const nothing = (): { body: unknown } => ({ body: { items: [], nextCursor: null } });
const ROUTES: Routes = {
  "GET /admin/queues": nothing,
  "GET /admin/circuits": nothing,
  "GET /admin/service-categories": nothing,
  "GET /admin/unit-prices": nothing,
};

describe("the desk", () => {
  it("puts the focus on the page whenever another section is opened", async () => {
    const page = await openAt("/admin/queues", ROUTES, { role: "MANAGER" });
    await screen.findByRole("heading", { name: "Queues" });
    const link = screen.getByRole("link", { name: "Circuits" });
    await page.user.click(link);
    await screen.findByRole("heading", { name: "Circuits" });
    expect(document.activeElement).toBe(screen.getByRole("main"));
    expect(screen.getByRole("link", { name: "Circuits" }).getAttribute("aria-current")).toBe("page");
    expect(screen.getByRole("link", { name: "Queues" }).getAttribute("aria-current")).toBeNull();
  });

  it("has no page where there is no section", async () => {
    await openAt("/admin/nowhere", ROUTES, { role: "ADMIN" });
    expect(await screen.findByRole("heading", { name: "There is no such page" })).toBeTruthy();
  });

  it("says that a part of a section is none", async () => {
    await openAt("/admin/catalogue/nowhere", ROUTES, { role: "ADMIN" });
    expect(await screen.findByText(/The catalogue has no such part/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "Catalogue" }).getAttribute("aria-current")).toBe("page");
  });
});
