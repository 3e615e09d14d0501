import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isContentOrEmpty, isEmailOrEmpty, isName, isPlausiblePhone } from "@/shared/validation/contact";

import { EMPTY_FIELDS, fieldAt, fromBody, parseArea, toDraft } from "./form.ts";

const VALID = {
  ...EMPTY_FIELDS,
  categoryId: "c",
  area: "45",
  name: "An",
  phone: "0912345678",
  consent: true,
};

describe("fields", () => {
  it.each([
    ["45", 45],
    ["45,5", 45.5],
    [" 45.25 ", 45.25],
    ["100000", 100_000],
    ["0", null],
    ["0.00", null],
    ["100000.01", null],
    ["1.000", null],
    ["-3", null],
    ["1e3", null],
    ["", null],
  ])("reads the area %j as %j", (text, area) => {
    expect(parseArea(text)).toBe(area);
  });

  it.each([
    "0912 345 678",
    "+84 912.345.678",
    "(028) 3823-1234",
    "0084912345678",
    "０９１２３４５６７８",
    "tel:+84912345678",
    "028 38231234 ext. 12",
  ])("takes %j for a phone number", (phone) => {
    expect(isPlausiblePhone(phone)).toBe(true);
  });

  it.each(["", "1234567", "call me", "0912 345 678 or 0913", "+"])(
    "does not take %j for a phone number",
    (phone) => {
      expect(isPlausiblePhone(phone)).toBe(false);
    },
  );

  it("counts characters as the server does: code points, without blanks around", () => {
    expect(isName(" Ý ")).toBe(false);
    expect(isName("𠮷𠮷")).toBe(true);
    expect(isName("𠮷".repeat(100))).toBe(true);
    expect(isName("a".repeat(101))).toBe(false);
    expect(isContentOrEmpty("short")).toBe(false);
    expect(isContentOrEmpty("x".repeat(2001))).toBe(false);
    expect(isContentOrEmpty("   ")).toBe(true);
  });

  it.each(["", "an@example.com", "a.b+c@sub.example.vn"])("accepts the address %j", (email) => {
    expect(isEmailOrEmpty(email)).toBe(true);
  });

  it.each(["x@", "@x.vn", "a b@x.vn", "a@x", "a@x..vn", `${"a".repeat(250)}@x.vn`])(
    "refuses the address %j",
    (email) => {
      expect(isEmailOrEmpty(email)).toBe(false);
    },
  );
});

describe("drafts", () => {
  it("exist only for a valid form, without the members left empty", () => {
    expect(toDraft({ ...VALID, consent: false }, "vi")).toBeNull();
    expect(toDraft({ ...VALID, phone: "1" }, "vi")).toBeNull();
    expect(Object.keys(toDraft({ ...VALID, email: " ", content: " " }, "vi") ?? {})).toEqual([
      "source",
      "name",
      "phone",
      "quote",
      "consent",
      "locale",
      "website",
    ]);
  });

  it("are the same again after a reload has filled the form from them", () => {
    const area = fc.integer({ min: 1, max: 10_000_000 }).map((hundredths) => String(hundredths / 100));
    fc.assert(
      fc.property(
        area,
        fc.uniqueArray(fc.uuid(), { maxLength: 4 }),
        fc.boolean(),
        (areaText, materialIds, isWordy) => {
          const words = isWordy ? { email: "an@example.com", content: "Please call after six." } : {};
          const draft = toDraft({ ...VALID, ...words, area: areaText, materialIds }, "en");
          if (!draft) throw new Error("not valid");
          expect(toDraft(fromBody({ ...draft, elapsedMs: 1 }, false), "en")).toEqual(draft);
        },
      ),
    );
  });
});

it.each([
  ["/phone", "phone"],
  ["#/email", "email"],
  ["/consent/accepted", "consent"],
  ["/quote/categoryId", "category"],
  ["/quote/materialIds/2", "materials"],
  ["/utm/first/source", null],
  ["", null],
])("finds the field of the pointer %j: %j", (pointer, field) => {
  expect(fieldAt(pointer)).toBe(field);
});
