import { screen, within } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Routes } from "@test/serve";
import { refusal } from "@test/serve";

import { KINDS } from "./kinds.ts";
import { valueOf } from "./Settings.tsx";
import { bodyOf, valuesOf } from "./values.ts";

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

const fieldsOf = (name: string) => KINDS.find((kind) => kind.name === name)?.fields ?? [];

describe("values", () => {
  it("of a row that nobody has touched say of it what it was", () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(amounts, fc.string({ minLength: 1 }), (amount, name) => {
        const row = { id: "1", name: name.trim(), price: { amount: String(amount), currency: "USD" }, unit: "m" };
        const body = bodyOf(fieldsOf("materials"), valuesOf(fieldsOf("materials"), row), row);
        expect(body["price"]).toEqual(row.price);
        expect(body["name"]).toBe(row.name);
      }),
    );
  });

  it("are read as people write numbers, and left to the API where they are none", () => {
    const fields = fieldsOf("categories");
    const values = { name: "A", formula: "AREA", coefficient: "1,05", position: "x", description: "" };
    expect(bodyOf(fields, values, null)).toMatchObject({ coefficient: "1.05", position: "x" });
    expect([valueOf("integer", " 7 "), valueOf("integer", "seven"), valueOf("text", "7")]).toEqual([
      7,
      "seven",
      "7",
    ]);
  });
});

describe("the catalogue", () => {
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
    await page.user.type(formula, "{Backspace>3/}AINT");
    await page.user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Saved. Visitors see it now.")).toBeTruthy();
    const sent = page.asked.filter(({ method }) => method === "PATCH").map(({ body }) => body);
    expect(sent.at(-1)).toMatchObject({ formula: "AREA * PAINT", coefficient: "1.05" });
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

  it("lets managers see settings, and administrators change them", async () => {
    const setting = { key: "leadSlaMinutes", type: "integer", value: 5, isPublic: false, description: "Minutes." };
    const routes = { "GET /admin/settings": list([setting]) };
    await openAt("/admin/catalogue/settings", routes, { role: "MANAGER" });
    expect(await screen.findByText("leadSlaMinutes")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Edit: leadSlaMinutes" })).toBeNull();
  });
});
