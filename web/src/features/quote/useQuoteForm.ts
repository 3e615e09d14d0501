// The quote form's state: fields, what the visitor has touched, what the server refused, and the submission
// they become.
import { useCallback, useEffect, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { Utm } from "@/shared/api/types";
import { whenPointerIsUp } from "@/shared/hooks/pointer";
import { useI18n } from "@/shared/i18n/i18n";
import { useLocalStoragePersistence } from "@/shared/storage/useLocalStoragePersistence";
import { newKey, recordStore } from "@/shared/submission/recordStore";
import type { Machine } from "@/shared/submission/submission";
import type { Submitter } from "@/shared/submission/submitter";
import { useSubmission } from "@/shared/submission/useSubmission";
import type { FormCaptcha } from "@/shared/turnstile/useCaptcha";
import { useToast } from "@/shared/ui/Toast";

import type { FieldErrors, FieldName, QuoteFields } from "./form.ts";
import { FIELD_NAMES, fromBody, QUOTE_PERSISTENCE, serverErrors, toDraft, validate } from "./form.ts";
import { postLead } from "./lead.ts";

const STORE = recordStore(QUOTE_PERSISTENCE.name);

export interface QuoteForm {
  fields: QuoteFields;
  /** Change some fields; whatever was refused or being retried belongs to the form as it was. */
  change: (changes: Partial<QuoteFields>, field?: FieldName) => void;
  touch: (field: FieldName) => void;
  clear: () => void;
  /** What to show beside a field now. */
  shown: FieldErrors;
  /** What keeps the form from being sent. */
  invalid: FieldName[];
  submit: () => void;
  machine: Machine;
  submitter: Submitter;
}

export function useQuoteForm(utm: Utm, freshToken: FormCaptcha["freshToken"]): QuoteForm {
  const api = useApi();
  const { language } = useI18n();
  const toast = useToast();
  const [shownAtMs] = useState(() => Date.now());
  const [unfinished] = useState(() => STORE.load()?.body ?? null);
  const {
    value: fields,
    setValue,
    restored,
    clear: forget,
  } = useLocalStoragePersistence(QUOTE_PERSISTENCE, unfinished && fromBody(unfinished, false));
  const [touched, setTouched] = useState<ReadonlySet<FieldName>>(new Set());
  const [corrected, setCorrected] = useState<ReadonlySet<FieldName>>(new Set());
  const { machine, submitter } = useSubmission({
    freshToken,
    post: (body, key, token, signal) => postLead(api, body, key, token, signal),
    store: STORE,
    newKey,
  });
  const { phase } = machine;

  useEffect(() => {
    if (restored) toast("form.restored");
  }, [restored, toast]);
  useEffect(() => {
    if (phase.name === "done") forget();
  }, [phase, forget]);

  const change = useCallback(
    (changes: Partial<QuoteFields>, field?: FieldName) => {
      setValue((before) => ({ ...before, ...changes }));
      if (field) setCorrected((before) => new Set(before).add(field));
      submitter.edited();
    },
    [setValue, submitter],
  );
  const touch = useCallback((field: FieldName) => {
    whenPointerIsUp(() => {
      setTouched((before) => (before.has(field) ? before : new Set(before).add(field)));
    });
  }, []);

  const errors = validate(fields);
  const refused = phase.name === "refused" ? serverErrors(phase.problem) : {};
  const shown: FieldErrors = {};
  for (const name of FIELD_NAMES) {
    const error =
      (touched.has(name) ? errors[name] : undefined) ?? (corrected.has(name) ? undefined : refused[name]);
    if (error) shown[name] = error;
  }

  return {
    fields,
    change,
    touch,
    clear: () => {
      forget();
      setTouched(new Set());
      submitter.edited();
      toast("form.cleared");
    },
    shown,
    invalid: FIELD_NAMES.filter((name) => errors[name]),
    submit: () => {
      const draft = toDraft(fields, language);
      if (!draft) return;
      setCorrected(new Set());
      submitter.submit(draft, { elapsedMs: Math.min(86_400_000, Math.max(0, Date.now() - shownAtMs)), utm });
    },
    machine,
    submitter,
  };
}
