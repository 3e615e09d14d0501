// The quote form's fields: when each is valid, what is kept of them on the device, and how they become a
// lead's draft and back.
import { isRecord } from "@/shared/api/client";
import type { CalculatorRequest, LeadBody, LeadDraft, Problem } from "@/shared/api/types";
import type { MessageKey } from "@/shared/i18n/en";
import type { Language } from "@/shared/i18n/i18n";
import type { Persistence } from "@/shared/storage/useLocalStoragePersistence";
import { isContentOrEmpty, isEmailOrEmpty, isName, isPlausiblePhone } from "@/shared/validation/contact";

/** Which wording of the consent a visitor agreed to; change it with the sentence `contact.consent`. */
export const CONSENT_VERSION = "2026-01";

export interface QuoteFields {
  categoryId: string;
  area: string;
  materialIds: string[];
  name: string;
  phone: string;
  email: string;
  content: string;
  consent: boolean;
  remember: boolean;
  website: string;
}

export const FIELD_NAMES = [
  "category",
  "area",
  "materials",
  "name",
  "phone",
  "email",
  "content",
  "consent",
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];
export type FieldErrors = Partial<Record<FieldName, MessageKey>>;

export const EMPTY_FIELDS: QuoteFields = {
  categoryId: "",
  area: "",
  materialIds: [],
  name: "",
  phone: "",
  email: "",
  content: "",
  consent: false,
  remember: false,
  website: "",
};

/**
 * Square metres, written with a comma or a point and at most two decimals; null when it is not an area we
 * compute.
 */
export function parseArea(text: string): number | null {
  const match = /^(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  if (!match) return null;
  const area = Number(`${match[1] ?? ""}.${match[2] ?? "0"}`);
  return area > 0 && area <= 100_000 ? area : null;
}

/** What is wrong, by field; the form can be sent exactly when this is empty. */
export function validate(fields: QuoteFields): FieldErrors {
  const errors: FieldErrors = {};
  if (fields.categoryId === "") errors.category = "error.category";
  if (parseArea(fields.area) === null) errors.area = "error.area";
  if (!isName(fields.name)) errors.name = "error.name";
  if (!isPlausiblePhone(fields.phone)) errors.phone = "error.phone";
  if (!isEmailOrEmpty(fields.email)) errors.email = "error.email";
  if (!isContentOrEmpty(fields.content)) errors.content = "error.content";
  if (!fields.consent) errors.consent = "error.consent";
  return errors;
}

/** What the price is asked for; null while the choices are not complete. */
export function toCalculatorRequest(fields: QuoteFields): CalculatorRequest | null {
  const area = parseArea(fields.area);
  if (area === null || fields.categoryId === "") return null;
  return { categoryId: fields.categoryId, area, materialIds: [...fields.materialIds].sort() };
}

/** The lead that these fields describe; null while they are not valid. */
export function toDraft(fields: QuoteFields, locale: Language): LeadDraft | null {
  const request = toCalculatorRequest(fields);
  if (!request || Object.keys(validate(fields)).length > 0) return null;
  const email = fields.email.trim();
  const content = fields.content.trim();
  return {
    source: "QUOTE_FORM",
    name: fields.name.trim(),
    phone: fields.phone.trim(),
    ...(email === "" ? {} : { email }),
    ...(content === "" ? {} : { content }),
    quote: { kind: "calculator", ...request },
    consent: { version: CONSENT_VERSION, accepted: true },
    locale,
    website: fields.website,
  };
}

/** The form as it was when *body* was sent, for a page that takes up an unfinished submission. */
export function fromBody(body: LeadBody, remember: boolean): QuoteFields {
  const { name, phone, email = "", content = "", website } = body;
  const { categoryId, area, materialIds } = body.quote;
  return {
    categoryId,
    area: String(area),
    materialIds,
    name,
    phone,
    email,
    content,
    website,
    remember,
    consent: true,
  };
}

const POINTERS: [RegExp, FieldName][] = [
  [/^\/quote\/categoryId$/, "category"],
  [/^\/quote\/area$/, "area"],
  [/^\/quote\/materialIds(\/|$)/, "materials"],
  [/^\/(name|phone|email|content)$/, "name"],
  [/^\/consent(\/|$)/, "consent"],
];

/** The field that a JSON pointer into the lead's body is about; null when the form has none for it. */
export function fieldAt(pointer: string): FieldName | null {
  const path = pointer.replace(/^#/, "");
  const [pattern, field] = POINTERS.find(([candidate]) => candidate.test(path)) ?? [];
  if (!pattern || !field) return null;
  return field === "name" ? (path.slice(1) as FieldName) : field;
}

/** The server's refusals by field, in this form's words. */
export function serverErrors(problem: Problem): FieldErrors {
  const errors: FieldErrors = {};
  for (const { pointer } of problem.errors) {
    const field = fieldAt(pointer);
    if (field) errors[field] = field === "phone" ? "error.phone.server" : `error.${field}`;
  }
  return errors;
}

/**
 * What may stay on the device: the choices, and the contact details only of a visitor who asked to be
 * remembered (R10).
 */
export function toSaved(fields: QuoteFields): Record<string, unknown> | null {
  const { categoryId, area, materialIds, content, remember, name, phone, email } = fields;
  const choices = { categoryId, area, materialIds, content };
  if (remember) return { ...choices, remember, contact: { name, phone, email } };
  const isEmpty = categoryId === "" && area === "" && materialIds.length === 0 && content === "";
  return isEmpty ? null : choices;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * The fields that were kept; whatever is not as we would have written it is taken as empty. Consent is never
 * kept.
 */
export function fromSaved(data: unknown): QuoteFields | null {
  if (!isRecord(data)) return null;
  const contact = data["remember"] === true && isRecord(data["contact"]) ? data["contact"] : {};
  const ids = Array.isArray(data["materialIds"]) ? data["materialIds"] : [];
  return {
    ...EMPTY_FIELDS,
    categoryId: text(data["categoryId"]),
    area: text(data["area"]),
    content: text(data["content"]),
    materialIds: ids.filter((id): id is string => typeof id === "string"),
    remember: data["remember"] === true,
    name: text(contact["name"]),
    phone: text(contact["phone"]),
    email: text(contact["email"]),
  };
}

export const QUOTE_PERSISTENCE: Persistence<QuoteFields> = {
  name: "quote",
  initial: EMPTY_FIELDS,
  toSaved,
  fromSaved,
};
