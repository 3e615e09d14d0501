import type { BoundFunctions, queries } from "@testing-library/react";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { contactFromSaved } from "@/shared/lead/contact";
import { emptyFields, fieldAt, fromBody, persistenceOf, toDraft } from "@/shared/lead/rules";
import { id, PRODUCTS } from "@test/catalogue";
import type { OpenPage } from "@test/page";
import { openPage } from "@test/page";

import type { Piece } from "./form.ts";
import { FURNITURE_RULES, newPiece } from "./form.ts";

async function openFurniture(): Promise<OpenPage> {
  const page = await openPage();
  await page.user.click(screen.getByRole("tab", { name: /Furniture/ }));
  await screen.findByRole("option", { name: /Tủ bếp dưới/ });
  return page;
}

const piece = (place: number): BoundFunctions<typeof queries> =>
  within(screen.getByRole("group", { name: `Piece ${place}` }));

const PIECE = fc.record({
  productId: fc.uuid(),
  unit: fc.constantFrom("M2" as const, "LINEAR" as const),
  length: fc.integer({ min: 1, max: 10_000 }).map((centimetres) => String(centimetres / 100)),
  width: fc.integer({ min: 1, max: 10_000 }).map((centimetres) => String(centimetres / 100)),
  quantity: fc.integer({ min: 1, max: 1000 }).map(String),
  fitIn: fc.boolean(),
});
const PIECES = fc
  .array(PIECE, { minLength: 1, maxLength: 50 })
  .map((all) => all.map((one, index): Piece => ({ ...one, key: index + 1 })));
const WHO = { ...contactFromSaved({}), name: "An", phone: "0912345678", consent: true };

describe("the form", () => {
  it("computes the example of the requirements, to the last đồng", async () => {
    const page = await openFurniture();
    await page.user.selectOptions(screen.getByTestId("furniture-product"), id(21));
    expect(screen.queryByTestId("furniture-width")).toBeNull();
    await page.user.type(screen.getByTestId("furniture-length"), "2,4");
    await page.user.clear(screen.getByTestId("furniture-quantity"));
    await page.user.type(screen.getByTestId("furniture-quantity"), "2");
    await page.user.click(screen.getByTestId("furniture-fit-in"));
    expect(screen.getByTestId("furniture-pending")).toBeTruthy();
    await waitFor(() => {
      expect(screen.getByTestId("furniture-total").textContent).toContain("10,368,000");
    });
    expect(screen.getByText("2 × Tủ bếp dưới, fitted in")).toBeTruthy();
  });

  it("asks for a width where that makes the price, and takes pieces away again", async () => {
    const page = await openFurniture();
    await page.user.selectOptions(piece(1).getByLabelText("What shall it be?"), id(22));
    await page.user.type(piece(1).getByLabelText("Length"), "2");
    await page.user.type(piece(1).getByLabelText("Width"), "1");
    await waitFor(() => {
      expect(screen.getByTestId("furniture-total").textContent).toContain("3,090,000");
    });
    await page.user.click(screen.getByRole("button", { name: "Add another piece" }));
    const second = piece(2).getByLabelText("What shall it be?");
    expect(document.activeElement).toBe(second);
    await page.user.tab();
    expect(piece(2).getByTestId("error-piece-2-product").textContent).toContain("Choose");
    expect(screen.getByText(/product \(Piece 2\)/)).toBeTruthy();
    expect(screen.getByTestId("furniture-total").textContent).toContain("3,090,000");
    await page.user.click(screen.getByRole("button", { name: "Remove piece 2" }));
    expect(document.activeElement).toBe(piece(1).getByLabelText("What shall it be?"));
    expect(screen.queryByRole("button", { name: /Remove/ })).toBeNull();
  });

  it("sends the pieces as agreed, shows the server's refusal at its piece, and confirms the price", async () => {
    const page = await openFurniture();
    await page.user.selectOptions(piece(1).getByLabelText("What shall it be?"), id(21));
    await page.user.type(piece(1).getByLabelText("Length"), "2.4");
    await page.user.type(screen.getByTestId("lead-name"), "An");
    await page.user.type(screen.getByTestId("lead-phone"), "0912 345 678");
    await page.user.click(screen.getByTestId("lead-consent"));
    page.api.fates = [
      {
        status: 422,
        code: "VALIDATION_ERROR",
        errors: [{ pointer: "/quote/items/0/length", code: "missing", detail: "no" }],
      },
    ];
    await page.user.click(screen.getByTestId("lead-submit"));
    expect((await screen.findByTestId("error-piece-1-length")).textContent).toContain("2.4");
    expect(document.activeElement).toBe(piece(1).getByLabelText("Length"));
    await page.user.type(piece(1).getByLabelText("Length"), "5");
    await page.user.click(screen.getByTestId("lead-submit"));
    await screen.findByTestId("lead-confirmation", {}, { timeout: 8000 });
    expect(screen.getByTestId("lead-price").textContent).toContain("5,047,000");
    expect(page.api.seen[1]?.body).toMatchObject({
      source: "FURNITURE_QUOTE",
      quote: {
        kind: "furniture",
        items: [{ productId: id(21), length: 2.45, quantity: 1, fitIn: false }],
      },
    });
  });

  it("P23: can be sent exactly when every piece has what its price needs", async () => {
    const page = await openFurniture();
    await page.user.type(screen.getByTestId("lead-name"), "An");
    await page.user.type(screen.getByTestId("lead-phone"), "0912 345 678");
    await page.user.click(screen.getByTestId("lead-consent"));
    const measures = fc.constantFrom<[string, boolean]>(
      ["2.4", true],
      ["0,6", true],
      ["100", true],
      ["", false],
      ["0", false],
      ["100.01", false],
      ["1.000", false],
    );
    const counts = fc.constantFrom<[string, boolean]>(
      ["1", true],
      ["1000", true],
      ["0", false],
      ["1.5", false],
      ["1001", false],
      ["", false],
    );
    const product = fc.constantFrom("", ...PRODUCTS.map((one) => one.id));
    fc.assert(
      fc.property(product, measures, measures, counts, (productId, length, width, count) => {
        const put = (testId: string, value: string): void => {
          fireEvent.change(screen.getByTestId(testId), { target: { value } });
        };
        put("furniture-product", productId);
        put("furniture-length", length[0]);
        const needsWidth = productId === id(22);
        if (needsWidth) put("furniture-width", width[0]);
        put("furniture-quantity", count[0]);
        const isValid = productId !== "" && length[1] && count[1] && (!needsWidth || width[1]);
        expect(screen.getByTestId<HTMLButtonElement>("lead-submit").disabled).toBe(!isValid);
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

describe("what is sent and kept", () => {
  it("is the same again after a reload has filled the form from the unfinished submission", () => {
    fc.assert(
      fc.property(PIECES, (pieces) => {
        const draft = toDraft(FURNITURE_RULES, { ...WHO, pieces }, "vi");
        if (!draft) throw new Error("not valid");
        expect(toDraft(FURNITURE_RULES, fromBody(FURNITURE_RULES, { ...draft, elapsedMs: 1 }), "vi")).toEqual(
          draft,
        );
      }),
    );
  });

  it("P20: the pieces come back as they were", () => {
    const { toSaved, fromSaved } = persistenceOf(FURNITURE_RULES);
    fc.assert(
      fc.property(PIECES, (pieces) => {
        const saved: unknown = JSON.parse(JSON.stringify(toSaved({ ...WHO, pieces })));
        expect(fromSaved(saved)).toEqual({ ...contactFromSaved({}), pieces });
      }),
    );
  });

  it("is nothing while nothing was chosen, and any scribble is taken for that", () => {
    const { toSaved, fromSaved } = persistenceOf(FURNITURE_RULES);
    const empty = emptyFields(FURNITURE_RULES);
    expect(toSaved(empty)).toBeNull();
    expect(fromSaved({ pieces: [7, null] })).toEqual(empty);
    expect(fromSaved({ pieces: "x" })).toEqual(empty);
  });

  it.each([
    ["/quote/items/1/width", "piece-2-width"],
    ["/quote/items/0/productId", "piece-1-product"],
    ["/quote/items/7/width", null],
    ["/quote/items", null],
  ])("finds the field of the pointer %j: %j", (pointer, field) => {
    const pieces = [1, 2].map((key): Piece => ({ ...newPiece([]), key }));
    expect(fieldAt(FURNITURE_RULES, pointer, { pieces })).toBe(field);
  });
});
