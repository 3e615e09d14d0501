import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { emptyFields, fieldAt, fromBody, toDraft, validate } from "@/shared/lead/rules";
import { readNumber } from "@/shared/validation/numbers";
import { id } from "@test/catalogue";

import { QUOTE_RULES, toCalculatorRequest } from "./form.ts";

const VALID = {
  ...emptyFields(QUOTE_RULES),
  categoryId: id(1),
  area: "45",
  name: "An",
  phone: "0912345678",
  consent: true,
};
const faults = (changes: Partial<typeof VALID>): string[] =>
  Object.keys(validate(QUOTE_RULES, { ...VALID, ...changes }));

describe("fields", () => {
  it.each([
    ["45", 45],
    ["45,5", 45.5],
    [" 45.25 ", 45.25],
    ["0.00", 0],
    ["1.000", null],
    ["-3", null],
    ["1e3", null],
    ["", null],
  ])("reads the number %j as %j", (text, number) => {
    expect(readNumber(text)).toBe(number);
  });

  it.each(["0", "0.00", "100000.01", "1.000", "x", ""])("does not take %j for an area", (area) => {
    expect(faults({ area })).toEqual(["area"]);
    expect(toCalculatorRequest({ ...VALID, area })).toBeNull();
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
    expect(faults({ phone })).toEqual([]);
  });

  it.each(["", "123456", "call me", "+"])("does not take %j for a phone number", (phone) => {
    expect(faults({ phone })).toEqual(["phone"]);
  });

  it("counts characters as the server does: code points, without blanks around", () => {
    expect(faults({ name: " Ý " })).toEqual(["name"]);
    expect(faults({ name: "𠮷𠮷" })).toEqual([]);
    expect(faults({ name: "𠮷".repeat(100) })).toEqual([]);
    expect(faults({ name: "a".repeat(101) })).toEqual(["name"]);
    expect(faults({ content: "short" })).toEqual(["content"]);
    expect(faults({ content: "x".repeat(2001) })).toEqual(["content"]);
    expect(faults({ content: "   " })).toEqual([]);
  });

  it.each(["", "an@example.com", "a.b+c@sub.example.vn"])("accepts the address %j", (email) => {
    expect(faults({ email })).toEqual([]);
  });

  it.each(["x@", "@x.vn", "a b@x.vn", "a@x", "a@x..vn", `${"a".repeat(250)}@x.vn`])(
    "refuses the address %j",
    (email) => {
      expect(faults({ email })).toEqual(["email"]);
    },
  );
});

describe("drafts", () => {
  it("exist only for a valid form, without the members left empty", () => {
    expect(toDraft(QUOTE_RULES, { ...VALID, consent: false }, "vi")).toBeNull();
    expect(toDraft(QUOTE_RULES, { ...VALID, phone: "1" }, "vi")).toBeNull();
    expect(
      Object.keys(toDraft(QUOTE_RULES, { ...VALID, email: " ", content: " " }, "vi") ?? {}).sort(),
    ).toEqual(["consent", "locale", "name", "phone", "quote", "source", "website"]);
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
          const draft = toDraft(QUOTE_RULES, { ...VALID, ...words, area: areaText, materialIds }, "en");
          if (!draft) throw new Error("not valid");
          const again = fromBody(QUOTE_RULES, { ...draft, elapsedMs: 1 });
          expect(toDraft(QUOTE_RULES, again, "en")).toEqual(draft);
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
  expect(fieldAt(QUOTE_RULES, pointer, VALID)).toBe(field);
});
