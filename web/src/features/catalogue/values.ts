// From what the API has to what stands in a form, and back.
import { isRecord } from "@/shared/api/client";
import type { Money } from "@/shared/api/types";

import type { FieldOf, Row } from "./kinds.ts";

const CURRENCY_OF_NEW = "VND";

export function isMoney(value: unknown): value is Money {
  return isRecord(value) && typeof value["amount"] === "string" && typeof value["currency"] === "string";
}

/** What stands in the form for a value. */
export function textOf(value: unknown): string {
  if (isMoney(value)) return value.amount;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The values of a form's fields at first: those of *row*, or of a new one. */
export function valuesOf(fields: readonly FieldOf[], row: Row | null): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ name, choices }) => [name, row ? textOf(row[name]) : (choices?.[0] ?? "")]),
  );
}

/** A number as people write it, with the decimal point that the API wants. */
function plain(text: string): string {
  return text.trim().replace(/\s/g, "").replace(",", ".");
}

function memberOf({ name, as, optional }: FieldOf, text: string, row: Row | null): unknown {
  const value = text.trim();
  if (value === "" && optional) {
    if (as === "reference") return null;
    return as === "long" ? "" : undefined;
  }
  switch (as) {
    case "money": {
      const before = row?.[name];
      return { amount: plain(text), currency: isMoney(before) ? before.currency : CURRENCY_OF_NEW };
    }
    case "number":
      return plain(text);
    case "whole":
      return /^\d+$/.test(value) ? Number(value) : value;
    case "text":
    case "long":
    case "code":
    case "choice":
    case "reference":
      return value;
  }
}

/** The body that a form's *values* stand for. */
export function bodyOf(
  fields: readonly FieldOf[],
  values: Record<string, string>,
  row: Row | null,
): Record<string, unknown> {
  const members = fields.map((field) => [field.name, memberOf(field, values[field.name] ?? "", row)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
