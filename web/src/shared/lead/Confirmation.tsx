// Shown only after a 2xx: the reference number, the price the server computed, and what happens next.
import type { ReactElement } from "react";
import { useEffect, useRef } from "react";

import type { LeadAnswer, LeadBody } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { useTestId } from "@/shared/ui/formScope";

interface ConfirmationProps {
  lead: LeadAnswer;
  body: LeadBody;
  onAgain: () => void;
}

export function Confirmation({ lead, body, onAgain }: ConfirmationProps): ReactElement {
  const { t, money } = useI18n();
  const testId = useTestId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <section className="confirmation card" data-testid={testId("lead-confirmation")}>
      <h2 ref={heading} tabIndex={-1}>
        {t("done.heading")}
      </h2>
      <p>
        {t("done.text", { phone: body.phone })}
        {body.email &&
          ` ${t(lead.quote ? "done.mail" : "done.mail.plain", { email: body.email })}`}
      </p>
      <dl className="confirmation__facts">
        <div>
          <dt>{t("done.reference")}</dt>
          <dd data-testid={testId("lead-reference")}>{lead.id}</dd>
        </div>
        {lead.quote?.total && (
          <div>
            <dt>{t("done.price")}</dt>
            <dd data-testid={testId("lead-price")}>{money(lead.quote.total)}</dd>
          </div>
        )}
      </dl>
      <Button onClick={onAgain}>{t("done.again")}</Button>
    </section>
  );
}
