import { describe, expect, it } from "vitest";

import { SENTENCES } from "@/generated/sentences";

import { ApiError } from "./client.ts";
import { fieldErrors } from "./fieldErrors.ts";
import { inVietnamese, ROWS, rowFor, said } from "./inVietnamese.ts";
import { explain } from "./sentences.ts";

const numbersIn = (text: string): string[] => [...text.matchAll(/\{\d\}/g)].map(([place]) => place).sort();

describe("a sentence of the API", () => {
  it.each(SENTENCES)("is told in Vietnamese: %s", (sentence) => {
    const told = inVietnamese(sentence);
    expect(told).not.toBeNull();
    expect(told).not.toBe(sentence);
  });

  it.each(ROWS)("that is translated is one that the server has, with its values: %s", (english, vietnamese) => {
    expect(SENTENCES.some((sentence) => rowFor(sentence)?.row[0] === english)).toBe(true);
    expect(numbersIn(english)).toEqual(expect.arrayContaining(numbersIn(vietnamese)));
  });

  it.each([
    ["Use at most 120 characters.", "Dùng nhiều nhất 120 ký tự."],
    ["There is a unit price with this tag already; choose another tag.", "Đã có đơn giá với nhãn này; hãy chọn nhãn khác."],
    [
      "A lead that is NEW cannot become QUARANTINED; it can become CONTACTED or SPAM.",
      "Yêu cầu đang Mới không thể thành Đang giữ lại; chỉ có thể thành Đã liên hệ hoặc Thư rác.",
    ],
    [
      "The formula of Sơn or men cannot be used with it: The formula divides by zero for an area of 20 m².",
      "Không thể dùng công thức của Sơn or men với giá này: Công thức chia cho 0 với diện tích 20 m².",
    ],
    ["Input should be 'M2' or 'LINEAR'", "Hãy chọn: 'M2' hoặc 'LINEAR'."],
  ])("keeps its values: %s", (english, vietnamese) => {
    expect(said(english, "vi")).toBe(vietnamese);
    expect(said(english, "en")).toBe(english);
  });

  it("stays as it is where nobody has translated it", () => {
    expect(said("A newer server says this.", "vi")).toBe("A newer server says this.");
  });

  it("is told in Vietnamese beside its field, and in the summary", () => {
    const errors = [{ pointer: "/name", code: "missing", detail: "This field is required." }];
    const refusal = new ApiError({ status: 422, code: "VALIDATION_ERROR", errors }, null);
    expect(fieldErrors(refusal, "vi")).toEqual({ name: "Mục này là bắt buộc." });
    expect(explain(refusal, "vi")).toContain("/name: Mục này là bắt buộc.");
    const detail = "The webhook is switched off; switch it on first.";
    const conflict = new ApiError({ status: 409, code: "CONFLICT", errors: [], detail }, null);
    expect(explain(conflict, "vi")).toContain("Webhook đang tắt; hãy bật lên trước.");
  });
});
