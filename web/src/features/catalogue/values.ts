// From what the API has to what stands in a form, and back.
import { isRecord } from "@/shared/api/client";
import type { Money } from "@/shared/api/types";

import type { FieldOf, Row } from "./kinds.ts";

/** What amounts without a currency are in, and new prices. */
export const CURRENCY = "VND";

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

/** An amount as people write it, with or without marks between thousands; no currency has three decimals. */
export function amountOf(text: string): string {
  const trimmed = text.trim();
  return /^\d{1,3}([.,\s]\d{3})+$/.test(trimmed) ? trimmed.replace(/\D/g, "") : plain(trimmed);
}

/** The money that *text* is in the currency of *before*; null where it cannot be read. */
export function moneyOf(text: string, before: unknown): Money | null {
  const currency = isMoney(before) ? before.currency : CURRENCY;
  const amount = amountOf(text);
  return /^\d{1,12}(\.\d{1,2})?$/.test(amount) ? { amount, currency } : null;
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
      return { amount: amountOf(text), currency: isMoney(before) ? before.currency : CURRENCY };
    }
    case "share":
      return amountOf(text);
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
  const members = fields.map(
    (field) => [field.name, memberOf(field, values[field.name] ?? "", row)] as const,
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

/**
 * What of a row's form was changed, so that nothing is saved over what somebody else changed meanwhile; all of
 * it for a new row.
 */
export function changesOf(
  fields: readonly FieldOf[],
  values: Record<string, string>,
  row: Row | null,
): Record<string, unknown> {
  const body = bodyOf(fields, values, row);
  const before = row ? valuesOf(fields, row) : {};
  return Object.fromEntries(Object.entries(body).filter(([name]) => before[name] !== values[name]));
}
