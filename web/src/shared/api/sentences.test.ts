import { describe, expect, it } from "vitest";

import { ApiError, Unreachable, addressOf } from "./client.ts";
import { CODES, explain, sentenceOf } from "./sentences.ts";

const refused = (code: string, retryAfterS: number | null = null, more: object = {}): ApiError =>
  new ApiError({ status: 400, code, errors: [], ...more }, retryAfterS);

describe("what went wrong", () => {
  it.each(CODES)("is said in a sentence of each language: %s", (code) => {
    const [english, vietnamese] = [sentenceOf(code, "en"), sentenceOf(code, "vi")];
    expect(english).toMatch(/^[A-Z].*\.$/);
    expect(vietnamese).toMatch(/^\p{Lu}.*\.$/u);
    expect(english).not.toBe(vietnamese);
    expect(explain(refused(code), "en")).toContain(english);
  });

  it("is said with the wait that the server asks for", () => {
    expect(explain(refused("RATE_LIMITED", 40), "en")).toContain("40 s");
    expect(explain(refused("RATE_LIMITED", 0), "vi")).toContain("1 giây");
  });

  it("names the entries that are in the way", () => {
    const errors = [{ pointer: "/formula", code: "value_error", detail: "TILES is no unit price." }];
    expect(explain(refused("VALIDATION_ERROR", null, { errors }), "en")).toContain(
      "/formula: TILES is no unit price.",
    );
    expect(explain(refused("CONFLICT", null, { detail: "In use." }), "en")).toContain("In use.");
  });

  it("is told from no answer, and from what nobody foresaw", () => {
    expect(explain(new Unreachable("x"), "en")).toContain("No connection");
    expect(explain(new Error("x"), "en")).toBe(sentenceOf("UNKNOWN", "en"));
    expect(explain(refused("A_NEW_CODE"), "vi")).toBe(sentenceOf("UNKNOWN", "vi"));
  });
});

describe("an address", () => {
  it("has its places filled in safely, and of the query what is there", () => {
    const query = { search: "Hoa & Sơn", status: undefined, cursor: null, limit: 20, open: false, empty: "" };
    expect(addressOf("/admin/leads/{id}/x", { id: "a/b" }, query)).toBe(
      "/admin/leads/a%2Fb/x?search=Hoa+%26+S%C6%A1n&limit=20&open=false",
    );
  });

  it("is not asked without its place", () => {
    expect(() => addressOf("/admin/leads/{id}", {})).toThrow("id");
  });
});
