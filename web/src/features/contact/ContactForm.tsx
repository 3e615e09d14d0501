// The contact form: nothing of its own but that it wants a message.
import type { ReactElement } from "react";

import type { LeadFormRules } from "@/shared/lead/rules";
import { LeadFormView } from "@/shared/lead/LeadFormView";
import type { OneFormProps } from "@/shared/lead/OneForm";
import { useLeadForm } from "@/shared/lead/useLeadForm";
import { useI18n } from "@/shared/i18n/i18n";
import { useCaptcha } from "@/shared/turnstile/useCaptcha";

const CONTACT_RULES: LeadFormRules<object> = {
  name: "contact",
  source: "CONTACT_FORM",
  isContentRequired: true,
  empty: {},
  fieldsOf: () => [],
  quoteOf: () => undefined,
  ownFrom: () => ({}),
  fieldAt: () => null,
  sentenceOf: () => "send.refused",
  toSaved: () => null,
  fromSaved: () => ({}),
};

export function ContactForm({ utm, onAgain }: OneFormProps): ReactElement {
  const { language } = useI18n();
  const { place, freshToken } = useCaptcha("lead", language);
  const form = useLeadForm(CONTACT_RULES, utm, freshToken);
  return (
    <LeadFormView form={form} place={place} firstField="name" labelOf={(field) => field} onAgain={onAgain} />
  );
}
