// Which of several forms on one page a control belongs to: ids must differ between them, and the names that
// tests look for belong to the form that is shown.
import { createContext, useContext } from "react";

export interface FormScope {
  name: string;
  isShown: boolean;
}

export const FormScopeContext = createContext<FormScope>({ name: "field", isShown: true });

export function controlIdIn(form: string, field: string): string {
  return `${form}-${field}`;
}

/** The id of the control that belongs to a field's name; the error summary links to it. */
export function useControlId(): (field: string) => string {
  const { name } = useContext(FormScopeContext);
  return (field) => controlIdIn(name, field);
}

export function useTestId(): (testId: string) => string | undefined {
  const { isShown } = useContext(FormScopeContext);
  return (testId) => (isShown ? testId : undefined);
}
