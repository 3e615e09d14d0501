// What one form for leads has of its own (LeadFormRules), and what follows from it for every one of them: the
// body, its faults by field, and what stays on the device.
import { isRecord } from "@/shared/api/client";
import type { LeadBody, LeadDraft, LeadSource, Problem } from "@/shared/api/types";
import type { MessageKey } from "@/shared/i18n/en";
import type { Language } from "@/shared/i18n/i18n";
import type { Persistence } from "@/shared/storage/useLocalStoragePersistence";
import type { Faults } from "@/shared/validation/useFormValidation";
import { faultsOf } from "@/shared/validation/verdict";

import type { ContactFields } from "./contact.ts";
import {
  CONTACT_FIELDS,
  contactFrom,
  contactFromSaved,
  contactMembers,
  EMPTY_CONTACT,
  isContactField,
  savedContact,
} from "./contact.ts";

export interface LeadFormRules<Own extends object> {
  /** Also what it is kept under on the device, and what its ids begin with. */
  name: string;
  source: LeadSource;
  isContentRequired: boolean;
  empty: Own;
  /** Its own fields in the order in which they stand before the contact details. */
  fieldsOf: (own: Own) => readonly string[];
  /** The quote that would be sent, valid or not; undefined where the form has none. */
  quoteOf: (own: Own) => unknown;
  ownFrom: (quote: LeadBody["quote"]) => Own;
  /** The field that a JSON pointer into the quote is about; null when there is none for it. */
  fieldAt: (pointer: string, own: Own) => string | null;
  sentenceOf: (field: string) => MessageKey;
  /** What of it may be kept; null when there is nothing. */
  toSaved: (own: Own) => Record<string, unknown> | null;
  fromSaved: (data: Record<string, unknown>) => Own;
}

export type FieldErrors = Faults<MessageKey>;

export function emptyFields<Own extends object>(rules: LeadFormRules<Own>): Own & ContactFields {
  return { ...EMPTY_CONTACT, ...rules.empty };
}

export function fieldNames<Own extends object>(rules: LeadFormRules<Own>, own: Own): string[] {
  return [...rules.fieldsOf(own), ...CONTACT_FIELDS];
}

function candidate<Own extends object>(
  rules: LeadFormRules<Own>,
  fields: Own & ContactFields,
  locale: Language,
): Record<string, unknown> {
  const quote = rules.quoteOf(fields);
  return {
    source: rules.source,
    ...contactMembers(fields, rules.isContentRequired),
    ...(quote === undefined ? {} : { quote }),
    locale,
  };
}

/** The field that a JSON pointer into the lead's body is about; null when the form has none for it. */
export function fieldAt<Own extends object>(
  rules: LeadFormRules<Own>,
  pointer: string,
  own: Own,
): string | null {
  const path = pointer.replace(/^#/, "");
  const member = path.split("/")[1] ?? "";
  if (isContactField(member)) return member;
  return member === "quote" ? rules.fieldAt(path.slice("/quote".length), own) : null;
}

function sentenceOf<Own extends object>(rules: LeadFormRules<Own>, field: string): MessageKey {
  if (!isContactField(field)) return rules.sentenceOf(field);
  return field === "content" && rules.isContentRequired ? "error.content.required" : `error.${field}`;
}

/** What is wrong, by field, as the server's own models see it; the form can be sent exactly when this is empty. */
export function validate<Own extends object>(
  rules: LeadFormRules<Own>,
  fields: Own & ContactFields,
): FieldErrors {
  const errors: FieldErrors = {};
  for (const pointer of faultsOf(candidate(rules, fields, "en"))) {
    const field = fieldAt(rules, pointer, fields);
    if (field !== null) errors[field] = sentenceOf(rules, field);
  }
  return errors;
}

/** The server's refusals by field, in this form's words. */
export function refusals<Own extends object>(
  rules: LeadFormRules<Own>,
  problem: Problem,
  own: Own,
): FieldErrors {
  const errors: FieldErrors = {};
  for (const { pointer } of problem.errors) {
    const field = fieldAt(rules, pointer, own);
    if (field !== null) errors[field] = field === "phone" ? "error.phone.server" : sentenceOf(rules, field);
  }
  return errors;
}

/** The lead that these fields describe; null while they are not valid. */
export function toDraft<Own extends object>(
  rules: LeadFormRules<Own>,
  fields: Own & ContactFields,
  locale: Language,
): LeadDraft | null {
  const body = candidate(rules, fields, locale);
  // What the schema has judged is what the type says.
  return faultsOf(body).length === 0 ? (body as unknown as LeadDraft) : null;
}

/** The form as it was when *body* was sent, for a page that takes up an unfinished submission. */
export function fromBody<Own extends object>(rules: LeadFormRules<Own>, body: LeadBody): Own & ContactFields {
  return { ...contactFrom(body), ...rules.ownFrom(body.quote) };
}

/** How a form is kept on the device (R10). */
export function persistenceOf<Own extends object>(
  rules: LeadFormRules<Own>,
): Persistence<Own & ContactFields> {
  return {
    name: rules.name,
    initial: emptyFields(rules),
    toSaved: (fields) => {
      const own = rules.toSaved(fields);
      if (own === null && fields.content === "" && !fields.remember) return null;
      return { ...own, ...savedContact(fields) };
    },
    fromSaved: (data) => (isRecord(data) ? { ...contactFromSaved(data), ...rules.fromSaved(data) } : null),
  };
}
