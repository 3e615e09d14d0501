// A form for leads from the first field to the confirmation: what is its own comes first, then the contact
// details, the captcha, what becomes of the submission, and the buttons.
import type { ReactElement, ReactNode } from "react";
import { useEffect } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { useControlId, useTestId } from "@/shared/ui/formScope";

import { isContactField } from "./contact.ts";
import { Confirmation } from "./Confirmation.tsx";
import { ContactFields } from "./ContactFields.tsx";
import "./lead.css";
import { SubmissionStatus } from "./SubmissionStatus.tsx";
import type { AnyLeadForm } from "./useLeadForm.ts";

interface LeadFormViewProps {
  form: AnyLeadForm;
  /** The place for the captcha's widget. */
  place: (element: HTMLDivElement | null) => void;
  /** How a field of the form's own is called. */
  labelOf: (field: string) => string;
  /** Begin again with an empty form. */
  onAgain: () => void;
  /** Where to go on after everything was cleared. */
  firstField: string;
  children?: ReactNode;
}

export function LeadFormView({
  form,
  place,
  labelOf,
  onAgain,
  firstField,
  children,
}: LeadFormViewProps): ReactElement {
  const { t } = useI18n();
  const controlId = useControlId();
  const testId = useTestId();
  const { phase } = form.machine;
  const { invalid, isValid, shown } = form.validation;

  // Where the server has found something, the visitor should be: once for each refusal.
  const firstRefused = phase.name === "refused" ? form.names.find((name) => shown[name]) : undefined;
  const refusedId = firstRefused && controlId(firstRefused);
  const problem = phase.name === "refused" ? phase.problem : null;
  useEffect(() => {
    if (problem && refusedId) document.getElementById(refusedId)?.focus();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- corrections must not move the focus again
  }, [problem]);

  if (phase.name === "done") return <Confirmation lead={phase.lead} body={phase.body} onAgain={onAgain} />;
  const label = (field: string): string => {
    if (!isContactField(field)) return labelOf(field);
    if (field === "content" && form.rules.isContentRequired) return t("contact.content.short");
    return t(field === "consent" ? "contact.consent.short" : `contact.${field}`);
  };
  return (
    <form
      className={children === undefined ? "lead-form lead-form--narrow" : "lead-form"}
      id={form.rules.name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      {children}
      <div className="lead-form__contact card">
        <ContactFields form={form} />
        <div className="captcha" ref={place} />
        <SubmissionStatus form={form} />
        <div className="lead-form__actions">
          <Button kind="primary" type="submit" data-testid={testId("lead-submit")} disabled={!isValid}>
            {t("contact.submit")}
          </Button>
          <Button
            data-testid={testId("clear-form")}
            onClick={() => {
              form.clear();
              document.getElementById(controlId(firstField))?.focus();
            }}
          >
            {t("form.clear")}
          </Button>
        </div>
        {!isValid && (
          <p className="lead-form__missing">
            {t("contact.missing", { fields: [...new Set(invalid.map((name) => label(name)))].join(", ") })}
          </p>
        )}
      </div>
    </form>
  );
}
