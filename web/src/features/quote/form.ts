// What the calculator adds to a lead: category, area and materials.
import { isRecord } from "@/shared/api/client";
import type { CalculatorRequest } from "@/shared/api/types";
import { text } from "@/shared/lead/contact";
import type { LeadFormRules } from "@/shared/lead/rules";
import { sentNumber } from "@/shared/validation/numbers";
import { CalculatorQuote } from "@/generated/schemas";

export interface QuoteFields {
  categoryId: string;
  area: string;
  materialIds: string[];
}

const FIELDS = ["category", "area", "materials"] as const;
type QuoteField = (typeof FIELDS)[number];

const POINTERS: [RegExp, QuoteField][] = [
  [/^\/categoryId$/, "category"],
  [/^\/area$/, "area"],
  [/^\/materialIds(\/|$)/, "materials"],
];

function choicesOf({ categoryId, area, materialIds }: QuoteFields): Record<string, unknown> {
  return { categoryId, area: sentNumber(area), materialIds: [...materialIds].sort() };
}

/** What the price is asked for; null while the choices are not complete. */
export function toCalculatorRequest(fields: QuoteFields): CalculatorRequest | null {
  const request = choicesOf(fields);
  const isComplete = CalculatorQuote.safeParse({ kind: "calculator", ...request }).success;
  return isComplete ? (request as unknown as CalculatorRequest) : null;
}

export const QUOTE_RULES: LeadFormRules<QuoteFields> = {
  name: "quote",
  source: "QUOTE_FORM",
  isContentRequired: false,
  empty: { categoryId: "", area: "", materialIds: [] },
  fieldsOf: () => FIELDS,
  quoteOf: (fields) => ({ kind: "calculator", ...choicesOf(fields) }),
  ownFrom: (quote) =>
    quote?.kind === "calculator"
      ? { categoryId: quote.categoryId, area: String(quote.area), materialIds: quote.materialIds ?? [] }
      : QUOTE_RULES.empty,
  fieldAt: (pointer) => POINTERS.find(([pattern]) => pattern.test(pointer))?.[1] ?? null,
  sentenceOf: (field) => `error.${field as QuoteField}`,
  toSaved: (fields) => {
    const { categoryId, area, materialIds } = fields;
    const isEmpty = categoryId === "" && area === "" && materialIds.length === 0;
    return isEmpty ? null : { categoryId, area, materialIds };
  },
  fromSaved: (data) => {
    const ids: unknown[] = isRecord(data) && Array.isArray(data["materialIds"]) ? data["materialIds"] : [];
    return {
      categoryId: text(data["categoryId"]),
      area: text(data["area"]),
      materialIds: ids.filter((id): id is string => typeof id === "string"),
    };
  },
};
