// Who asks and how to reach them: the part that every form for leads has.
import { isRecord } from "@/shared/api/client";
import type { LeadBody } from "@/shared/api/types";

/** Which wording of the consent a visitor agreed to; change it with the sentence `contact.consent`. */
export const CONSENT_VERSION = "2026-01";

export interface ContactFields {
  name: string;
  phone: string;
  email: string;
  content: string;
  consent: boolean;
  remember: boolean;
  website: string;
}

export const CONTACT_FIELDS = ["name", "phone", "email", "content", "consent"] as const;
export type ContactField = (typeof CONTACT_FIELDS)[number];

export const EMPTY_CONTACT: ContactFields = {
  name: "",
  phone: "",
  email: "",
  content: "",
  consent: false,
  remember: false,
  website: "",
};

/** Whether this is the name of one of the contact fields. */
export function isContactField(field: string): field is ContactField {
  return CONTACT_FIELDS.some((one) => one === field);
}

/**
 * The body's members that these fields become, valid or not; an empty member is left out where it may be
 * missing.
 */
export function contactMembers(fields: ContactFields, isContentRequired: boolean): Record<string, unknown> {
  const email = fields.email.trim();
  const content = fields.content.trim();
  return {
    name: fields.name.trim(),
    phone: fields.phone.trim(),
    ...(email === "" ? {} : { email }),
    ...(content === "" && !isContentRequired ? {} : { content }),
    consent: { version: CONSENT_VERSION, accepted: fields.consent },
    website: fields.website,
  };
}

/** The fields as they were when *body* was sent. */
export function contactFrom(body: LeadBody): ContactFields {
  const { name, phone, email, content, website = "" } = body;
  return { ...EMPTY_CONTACT, name, phone, email: email ?? "", content: content ?? "", website, consent: true };
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What may stay on the device: contact details only of a visitor who asked to be remembered (R10). */
export function savedContact({
  content,
  remember,
  name,
  phone,
  email,
}: ContactFields): Record<string, unknown> {
  return remember ? { content, remember, contact: { name, phone, email } } : { content };
}

/** What was kept; whatever is not as we would have written it is taken as empty. Consent is never kept. */
export function contactFromSaved(data: Record<string, unknown>): ContactFields {
  const remember = data["remember"] === true;
  const contact = remember && isRecord(data["contact"]) ? data["contact"] : {};
  return {
    ...EMPTY_CONTACT,
    content: text(data["content"]),
    remember,
    name: text(contact["name"]),
    phone: text(contact["phone"]),
    email: text(contact["email"]),
  };
}
