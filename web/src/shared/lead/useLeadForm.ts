// A form for leads: its fields, what the visitor has touched, what the server refused, and the submission they
// become.
import { useCallback, useEffect, useEffectEvent, useMemo, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { Utm } from "@/shared/api/types";
import type { MessageKey } from "@/shared/i18n/en";
import { useI18n } from "@/shared/i18n/i18n";
import { useLocalStoragePersistence } from "@/shared/storage/useLocalStoragePersistence";
import { newKey, recordStore } from "@/shared/submission/recordStore";
import type { Machine } from "@/shared/submission/submission";
import type { Submitter } from "@/shared/submission/submitter";
import { useSubmission } from "@/shared/submission/useSubmission";
import type { FormCaptcha } from "@/shared/turnstile/useCaptcha";
import { useToast } from "@/shared/ui/Toast";
import type { FormValidation } from "@/shared/validation/useFormValidation";
import { useFormValidation } from "@/shared/validation/useFormValidation";

import type { ContactFields } from "./contact.ts";
import { postLead } from "./postLead.ts";
import type { LeadFormRules } from "./rules.ts";
import { fieldAt, fieldNames, fromBody, persistenceOf, refusals, toDraft, validate } from "./rules.ts";

const LONGEST_ELAPSED_MS = 86_400_000;

export interface LeadForm<Own extends object> {
  rules: LeadFormRules<Own>;
  fields: Own & ContactFields;
  /** Every field's name, in the order in which they stand. */
  names: readonly string[];
  /** Change some fields; whatever was refused or being retried belongs to the form as it was. */
  change: (changes: Partial<Own & ContactFields>, field?: string) => void;
  validation: FormValidation<MessageKey>;
  /** The field that a JSON pointer of the server's is about. */
  fieldAt: (pointer: string) => string | null;
  clear: () => void;
  submit: () => void;
  machine: Machine;
  submitter: Submitter;
}

/** What the parts that all forms share need to know of one. */
export type AnyLeadForm = Pick<
  LeadForm<object>,
  "names" | "validation" | "fieldAt" | "clear" | "submit" | "machine" | "submitter"
> & {
  rules: Pick<LeadFormRules<object>, "name" | "isContentRequired">;
  fields: ContactFields;
  change: (changes: Partial<ContactFields>, field?: string) => void;
};

/** Give the *rules* as a constant outside the component. */
export function useLeadForm<Own extends object>(
  rules: LeadFormRules<Own>,
  utm: Utm,
  freshToken: FormCaptcha["freshToken"],
): LeadForm<Own> {
  const api = useApi();
  const { language, t } = useI18n();
  const toast = useToast();
  const [shownAtMs] = useState(() => Date.now());
  const [store] = useState(() => recordStore(rules.name));
  const [unfinished] = useState(() => store.load()?.body ?? null);
  const persistence = useMemo(() => persistenceOf(rules), [rules]);
  const {
    value: fields,
    setValue,
    restored,
    clear: forget,
  } = useLocalStoragePersistence(persistence, unfinished && fromBody(rules, unfinished));
  const { machine, submitter } = useSubmission({
    freshToken,
    post: (body, key, token, signal) => postLead(api, body, key, token, signal),
    store,
    newKey,
  });
  const { phase } = machine;
  const names = fieldNames(rules, fields);
  const validation = useFormValidation(
    names,
    validate(rules, fields),
    phase.name === "refused" ? refusals(rules, phase.problem, fields) : {},
  );
  const { correct, sent, reset } = validation;

  const tellRestored = useEffectEvent(() => {
    toast(t("form.restored"));
  });
  useEffect(() => {
    if (restored) tellRestored();
  }, [restored]);
  useEffect(() => {
    if (phase.name === "done") forget();
  }, [phase, forget]);

  const change = useCallback(
    (changes: Partial<Own & ContactFields>, field?: string) => {
      setValue((before) => ({ ...before, ...changes }));
      if (field !== undefined) correct(field);
      submitter.edited();
    },
    [setValue, submitter, correct],
  );

  return {
    rules,
    fields,
    names,
    change,
    validation,
    fieldAt: (pointer) => fieldAt(rules, pointer, fields),
    clear: () => {
      forget();
      reset();
      submitter.edited();
      toast(t("form.cleared"));
    },
    submit: () => {
      const draft = toDraft(rules, fields, language);
      if (!draft) return;
      sent();
      const elapsedMs = Math.min(LONGEST_ELAPSED_MS, Math.max(0, Date.now() - shownAtMs));
      submitter.submit(draft, { elapsedMs, utm });
    },
    machine,
    submitter,
  };
}
