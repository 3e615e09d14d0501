// A labelled control with its hint and its error: the error replaces nothing, is tied to the control, and
// says how it should look.
import type { ReactElement, ReactNode } from "react";

import { useI18n } from "@/shared/i18n/i18n";

import { useControlId, useTestId } from "./formScope.ts";

export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

interface FieldProps {
  /** Also the suffix of data-testid="error-<name>". */
  name: string;
  label: ReactNode;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
  children: (control: ControlProps) => ReactNode;
}

export function FieldError({
  name,
  error,
}: {
  name: string;
  error: string | undefined;
}): ReactElement | null {
  const controlId = useControlId();
  const testId = useTestId();
  if (!error) return null;
  return (
    <p className="field__error" id={`${controlId(name)}-error`} data-testid={testId(`error-${name}`)}>
      {error}
    </p>
  );
}

/** The attributes that tie a control to its hint and its error. */
export function useDescribed(): (name: string, hint: unknown, error: unknown) => ControlProps {
  const controlId = useControlId();
  return (name, hint, error) => {
    const id = controlId(name);
    const described = [error ? `${id}-error` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
    return { id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined };
  };
}

export function Field({ name, label, hint, error, optional = false, children }: FieldProps): ReactElement {
  const { t } = useI18n();
  const control = useDescribed()(name, hint, error);
  return (
    <div className={error ? "field field--wrong" : "field"}>
      <label className="field__label" htmlFor={control.id}>
        {label} {optional && <span className="field__optional">({t("form.optional")})</span>}
      </label>
      {hint && (
        <p className="field__hint" id={`${control.id}-hint`}>
          {hint}
        </p>
      )}
      {children(control)}
      <FieldError name={name} error={error} />
    </div>
  );
}
