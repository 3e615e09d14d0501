// The state of a form of text fields that the server's model judges.
import { useState } from "react";

import { fieldErrors } from "@/shared/api/fieldErrors";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Faults } from "@/shared/validation/useFormValidation";
import { useFormValidation } from "@/shared/validation/useFormValidation";

import type { AccountKey } from "./messages.ts";
import { MESSAGES } from "./messages.ts";

export interface AccountForm {
  values: Record<string, string>;
  shown: Faults<string>;
  isValid: boolean;
  change: (name: string, value: string) => void;
  touch: (name: string) => void;
  /** Before all is sent. */
  sent: () => void;
}

/**
 * Fields by name with their first values; *faultyFields* names those that are not as they must be now, each of
 * which has a sentence in *sentences*; *failure* is what the last sending failed with.
 */
export function useAccountForm(
  empty: Record<string, string>,
  faultyFields: (values: Record<string, string>) => readonly string[],
  sentences: Record<string, AccountKey>,
  failure: unknown,
): AccountForm {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const [values, setValues] = useState(empty);
  const faults: Faults<string> = {};
  for (const name of faultyFields(values)) {
    const sentence = sentences[name];
    if (sentence) faults[name] = t(sentence);
  }
  const { shown, isValid, touch, correct, sent } = useFormValidation(
    Object.keys(empty),
    faults,
    fieldErrors(failure, language),
  );
  return {
    values,
    shown,
    isValid,
    touch,
    sent,
    change: (name, value) => {
      setValues((before) => ({ ...before, [name]: value }));
      correct(name);
    },
  };
}
