import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatMoney } from "@/shared/i18n/i18n";

import { KINDS } from "./kinds.ts";
import { found, inOrder } from "./rows.ts";
import { choicesOf, valueOf } from "./SettingForm.tsx";
import { bodyOf, changesOf, moneyOf, valuesOf } from "./values.ts";

const fieldsOf = (name: string) => KINDS.find((kind) => kind.name === name)?.fields ?? [];

describe("values", () => {
  it("of a row that nobody has touched say of it what it was", () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(amounts, fc.string({ minLength: 1 }), (amount, name) => {
        const row = {
          id: "1",
          name: name.trim(),
          price: { amount: String(amount), currency: "USD" },
          unit: "m",
        };
        const body = bodyOf(fieldsOf("materials"), valuesOf(fieldsOf("materials"), row), row);
        expect(body["price"]).toEqual(row.price);
        expect(body["name"]).toBe(row.name);
        expect(changesOf(fieldsOf("materials"), valuesOf(fieldsOf("materials"), row), row)).toEqual({});
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

describe("money", () => {
  it("is read exactly, with the marks between thousands that either language writes", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }),
        fc.constantFrom("en" as const, "vi" as const),
        (amount, language) => {
          const money = { amount: String(amount), currency: "VND" };
          const written = formatMoney(money, language).replace(/[^\d.,]/g, "");
          expect(moneyOf(written, null)).toEqual(money);
          expect(moneyOf(String(amount), null)).toEqual(money);
        },
      ),
    );
  });

  it("is not guessed where it cannot be read for certain", () => {
    expect(["1.25", "12,50"].map((text) => moneyOf(text, null)?.amount)).toEqual(["1.25", "12.50"]);
    expect(["", "x", "-5", "1.2500", "1,00,000", "1.234,5"].map((text) => moneyOf(text, null))).toEqual(
      Array(6).fill(null),
    );
  });
});

describe("rows", () => {
  const region = (id: string, name: string, parentId: string | null) => ({ id, name, code: id, parentId });
  const regions = KINDS.find(({ name }) => name === "regions") ?? KINDS[0];
  const rows = [
    region("n", "Miền Bắc", null),
    region("hn", "Hà Nội", "n"),
    region("s", "Miền Nam", null),
    region("hcm", "Bình Dương", "s"),
    region("hp", "Hải Phòng", "n"),
  ];

  it("inside another stand right below it, and none is lost", () => {
    if (!regions) throw new Error("no regions");
    expect(inOrder(regions, rows).map(({ id }) => id)).toEqual(["n", "hn", "hp", "s", "hcm"]);
    const orphan = region("x", "Không rõ", "gone");
    expect(inOrder(regions, [...rows, orphan]).map(({ id }) => id)).toContain("x");
  });

  it("are found without marks and case, also by what they stand in", () => {
    if (!regions) throw new Error("no regions");
    const names = { regions: new Map([["s", "Miền Nam"]]) };
    const ids = (wanted: string): string[] => found(regions, { rows, names }, wanted).map(({ id }) => id);
    expect(ids("ha noi")).toEqual(["hn"]);
    expect(ids("DUONG")).toEqual(["hcm"]);
    expect(ids("miền nam")).toEqual(["s", "hcm"]);
    expect(ids(" ")).toHaveLength(rows.length);
    expect(ids("nowhere")).toEqual([]);
  });
});

describe("settings", () => {
  it("knows the values of a setting from its pattern", () => {
    const choices = (pattern: unknown): string[] => choicesOf({ validation: { pattern } });
    expect(choices("^(none|round_robin)$")).toEqual(["none", "round_robin"]);
    expect(["^[0-9+ ]*$", "^(one)$", "(a|b)", undefined].map(choices)).toEqual([[], [], [], []]);
  });
});
