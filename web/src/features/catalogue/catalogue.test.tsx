import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal } from "@test/serve";

const CATEGORY = {
  id: "c1",
  name: "Sơn nhà",
  description: "",
  formula: "AREA * PAINT",
  coefficient: 1.05,
  position: 3,
};
const list = (items: unknown[]) => (): { body: unknown } => ({ body: { items, nextCursor: null } });
const ROUTES: Routes = {
  "GET /admin/service-categories": list([CATEGORY]),
  "GET /admin/unit-prices": list([
    { id: "u1", tag: "PAINT", name: "Paint", amount: { amount: "1", currency: "VND" } },
  ]),
};

const setting = (key: string, type: string, value: unknown, validation: object): object => ({
  key,
  type,
  value,
  validation,
  isPublic: false,
  description: "What it is.",
});
const SETTINGS = [
  setting("leadSlaMinutes", "integer", 5, { min: 1, max: 1440 }),
  setting("leadAssignment", "text", "none", { pattern: "^(none|round_robin|least_busy)$" }),
  setting("newer", "text", "x", {}),
];

describe("the catalogue", () => {
  it("sends nothing where nothing was changed", async () => {
    const page = await openAt("/admin/catalogue", ROUTES, { role: "MANAGER" });
    await page.user.click(await screen.findByRole("button", { name: "Edit: Sơn nhà" }));
    await page.user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Save" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(page.asked.filter(({ method }) => method === "PATCH")).toEqual([]);
  });

  it("adds a fee, whose amount or percentage is said as it is written", async () => {
    const fees: unknown[] = [];
    const page = await openAt(
      "/admin/catalogue/fees",
      {
        "GET /admin/furniture/fees": () => list(fees)(),
        "POST /admin/furniture/fees": ({ body }) => {
          fees.push({ ...(body as object), id: "f1", value: 3 });
          return { status: 201, body: fees[0] };
        },
      },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Add: Furniture fees" }));
    const dialog = screen.getByRole("dialog");
    await page.user.type(within(dialog).getByLabelText("Name"), "Vận chuyển");
    await page.user.type(within(dialog).getByLabelText("Fee"), "1.250.000");
    expect(within(dialog).getByText("= ₫1,250,000")).toBeTruthy();
    await page.user.selectOptions(within(dialog).getByLabelText("Type"), "percent");
    await page.user.clear(within(dialog).getByLabelText("Fee"));
    await page.user.type(within(dialog).getByLabelText("Fee"), "3");
    expect(within(dialog).getByText("%")).toBeTruthy();
    await page.user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await screen.findByText("3 %")).toBeTruthy();
    expect(
      page.asked.filter(({ path }) => path === "/admin/furniture/fees").map(({ body }) => body),
    ).toContainEqual({ name: "Vận chuyển", type: "PERCENTAGE", value: "3" });
  });

  it("finds rows by a text that stands in the address", async () => {
    const many = Array.from({ length: 30 }, (_nothing, place) => ({
      id: `m${String(place)}`,
      categoryId: null,
      name: place === 7 ? "Sơn Đường" : `Gạch ${String(place)}`,
      unit: "m2",
      price: { amount: "1000", currency: "VND" },
      position: place,
    }));
    const page = await openAt(
      "/admin/catalogue/materials",
      { ...ROUTES, "GET /admin/materials": list(many) },
      { role: "MANAGER" },
    );
    await page.user.type(await screen.findByLabelText("Search"), "duong");
    expect(screen.getByText("1 of 30")).toBeTruthy();
    expect(screen.getByText("Sơn Đường").closest("tr")?.textContent).toContain("every kind of work");
    expect(window.location.search).toBe("?search=duong");
    await page.user.type(screen.getByLabelText("Search"), "x");
    expect(screen.getByText("Nothing here matches your search.")).toBeTruthy();
  });

  it("shows what the API says of a formula at its field, and saves the right one", async () => {
    let calls = 0;
    const errors = [{ pointer: "/formula", code: "value_error", detail: "PANT is no unit price." }];
    const page = await openAt(
      "/admin/catalogue",
      {
        ...ROUTES,
        "PATCH /admin/service-categories/c1": () =>
          (calls += 1) === 1 ? refusal(422, "VALIDATION_ERROR", { errors }) : { body: CATEGORY },
      },
      { role: "MANAGER" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Edit: Sơn nhà" }));
    const dialog = screen.getByRole("dialog");
    const formula = within(dialog).getByLabelText("Formula");
    expect(within(dialog).getByText(/other names are unit prices: PAINT/)).toBeTruthy();
    await page.user.clear(formula);
    await page.user.type(formula, "AREA * PANT");
    await page.user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect((await screen.findByTestId("error-formula")).textContent).toContain("PANT is no unit price.");
    await page.user.type(formula, "{Backspace>3/}AINT + 5");
    await page.user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Saved. Visitors see it now.")).toBeTruthy();
    const sent = page.asked.filter(({ method }) => method === "PATCH").map(({ body }) => body);
    expect(sent.at(-1)).toEqual({ formula: "AREA * PAINT + 5" });
  });

  it("says why something in use is not deleted", async () => {
    const detail = "3 materials go with this category alone; move or delete them first.";
    const page = await openAt(
      "/admin/catalogue",
      { ...ROUTES, "DELETE /admin/service-categories/c1": () => refusal(409, "CONFLICT", { detail }) },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Delete: Sơn nhà" }));
    const dialog = screen.getByRole("dialog");
    await page.user.click(within(dialog).getByRole("button", { name: "Delete" }));
    expect((await within(dialog).findByRole("alert")).textContent).toContain("3 materials");
  });

  it("lets managers see settings, and says who changes them", async () => {
    await openAt("/admin/catalogue/settings", { "GET /admin/settings": list(SETTINGS) }, { role: "MANAGER" });
    expect(await screen.findByText("Minutes to the first contact")).toBeTruthy();
    expect(screen.getByText("newer")).toBeTruthy();
    expect(screen.getByText(/an administrator changes them/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Edit/ })).toBeNull();
  });

  it("lets administrators change settings, and says at the field what a value must be", async () => {
    const detail = "This must be from 1 to 1440.";
    const put: unknown[] = [];
    const page = await openAt(
      "/admin/catalogue/settings",
      {
        "GET /admin/settings": list(SETTINGS),
        "PUT /admin/settings/leadSlaMinutes": ({ body }) =>
          put.push(body) === 1
            ? refusal(422, "VALIDATION_ERROR", {
                errors: [{ pointer: "/value", code: "not_allowed", detail }],
              })
            : { body: SETTINGS[0] },
        "PUT /admin/settings/leadAssignment": ({ body }) => {
          put.push(body);
          return { body: SETTINGS[1] };
        },
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Edit: Minutes to the first contact" }));
    const value = screen.getByLabelText("Value");
    await page.user.clear(value);
    await page.user.type(value, "0{Enter}");
    expect((await screen.findByTestId("error-value")).textContent).toBe(detail);
    expect(document.activeElement).toBe(value);
    expect(screen.queryByRole("alert")).toBeNull();
    await page.user.clear(value);
    await page.user.type(value, "15{Enter}");
    expect(await screen.findByText(/It holds from now on/)).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Edit: Who gets new leads" }));
    await page.user.selectOptions(screen.getByLabelText("Value"), "each manager in turn");
    await page.user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => {
      expect(put).toEqual([{ value: 0 }, { value: 15 }, { value: "round_robin" }]);
    });
  });
});
