// When a form says what (R11): a field's error once the visitor has left it, the server's refusal until it is
// corrected, and whether all of it can be sent.
import { useCallback, useState } from "react";

import { whenPointerIsUp } from "@/shared/hooks/pointer";

/** Faults by field, as whatever the form shows them by. */
export type Faults<E> = Partial<Record<string, E>>;

export interface FormValidation<E> {
  /** What to show beside a field now. */
  shown: Faults<E>;
  /** The fields that keep the form from being sent, in their order. */
  invalid: string[];
  isValid: boolean;
  touched: ReadonlySet<string>;
  /** The visitor has left the field. */
  touch: (field: string) => void;
  /** The visitor has changed the field: what the server refused is no longer there. */
  correct: (field: string) => void;
  /** All is sent: from now on the server's word counts again. */
  sent: () => void;
  reset: () => void;
}

const NONE: ReadonlySet<string> = new Set();
const with_ = (set: ReadonlySet<string>, field: string): ReadonlySet<string> =>
  set.has(field) ? set : new Set(set).add(field);

/** Of the *fields* in their order: *faults* are what is wrong now, *refused* what the server said. */
export function useFormValidation<E>(
  fields: readonly string[],
  faults: Faults<E>,
  refused: Faults<E> = {},
): FormValidation<E> {
  const [touched, setTouched] = useState(NONE);
  const [corrected, setCorrected] = useState(NONE);
  const touch = useCallback((field: string) => {
    whenPointerIsUp(() => {
      setTouched((before) => with_(before, field));
    });
  }, []);
  const correct = useCallback((field: string) => {
    setCorrected((before) => with_(before, field));
  }, []);
  const sent = useCallback(() => {
    setCorrected(NONE);
  }, []);
  const reset = useCallback(() => {
    setTouched(NONE);
    setCorrected(NONE);
  }, []);

  const shown: Faults<E> = {};
  for (const field of fields) {
    const fault =
      (touched.has(field) ? faults[field] : undefined) ?? (corrected.has(field) ? undefined : refused[field]);
    if (fault !== undefined) shown[field] = fault;
  }
  const invalid = fields.filter((field) => faults[field] !== undefined);
  return { shown, invalid, isValid: invalid.length === 0, touched, touch, correct, sent, reset };
}
