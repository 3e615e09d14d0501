// The quote calculator from the first choice to the confirmation.
import type { ReactElement } from "react";
import { useEffect, useMemo, useState } from "react";

import type { Utm } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { useCaptcha } from "@/shared/turnstile/useCaptcha";
import { Button } from "@/shared/ui/Button";
import { controlId } from "@/shared/ui/Field";

import { CalculatorFields } from "./CalculatorFields.tsx";
import { useMaterials } from "./catalogue.ts";
import { Confirmation } from "./Confirmation.tsx";
import { ContactFields } from "./ContactFields.tsx";
import type { FieldName } from "./form.ts";
import { FIELD_NAMES, serverErrors, toCalculatorRequest } from "./form.ts";
import { PriceCard } from "./PriceCard.tsx";
import { usePrice } from "./price.ts";
import "./quote.css";
import { SubmissionStatus } from "./SubmissionStatus.tsx";
import { useQuoteForm } from "./useQuoteForm.ts";

function OneQuote({ utm, onAgain }: { utm: Utm; onAgain: () => void }): ReactElement {
  const { t, language } = useI18n();
  const { place, freshToken } = useCaptcha("lead", language);
  const form = useQuoteForm(utm, freshToken);
  const { fields, invalid, change } = form;
  const { phase } = form.machine;
  const materials = useMaterials(fields.categoryId);
  const price = usePrice(useMemo(() => toCalculatorRequest(fields), [fields]));

  // A kept choice that is no longer offered cannot be seen or unticked, so it goes.
  const offered = materials.state.status === "ready" ? materials.state.data : null;
  useEffect(() => {
    if (!offered) return;
    const left = fields.materialIds.filter((id) => offered.some((material) => material.id === id));
    if (left.length < fields.materialIds.length && phase.name === "idle") change({ materialIds: left });
  }, [offered, fields.materialIds, change, phase.name]);

  useEffect(() => {
    if (phase.name !== "refused") return;
    const errors = serverErrors(phase.problem);
    const first = FIELD_NAMES.find((name) => errors[name]);
    if (first) document.getElementById(controlId(first))?.focus();
  }, [phase]);

  if (phase.name === "done") return <Confirmation lead={phase.lead} body={phase.body} onAgain={onAgain} />;
  const label = (name: FieldName): string => {
    if (name === "consent") return t("contact.consent.short");
    return t(
      name === "category" || name === "area" || name === "materials" ? `calc.${name}` : `contact.${name}`,
    );
  };
  return (
    <form
      className="quote"
      id="quote"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <CalculatorFields form={form} materials={materials} />
      <PriceCard price={price} />
      <div className="quote__contact card">
        <ContactFields form={form} />
        <div className="captcha" ref={place} />
        <SubmissionStatus form={form} />
        <div className="quote__actions">
          <Button kind="primary" type="submit" data-testid="lead-submit" disabled={invalid.length > 0}>
            {t("contact.submit")}
          </Button>
          <Button
            data-testid="clear-form"
            onClick={() => {
              form.clear();
              document.getElementById(controlId("category"))?.focus();
            }}
          >
            {t("form.clear")}
          </Button>
        </div>
        {invalid.length > 0 && (
          <p className="quote__missing">
            {t("contact.missing", { fields: invalid.map((name) => label(name)).join(", ") })}
          </p>
        )}
      </div>
    </form>
  );
}

export function QuoteCalculator({ utm }: { utm: Utm }): ReactElement {
  const [round, setRound] = useState(0);
  return (
    <OneQuote
      key={round}
      utm={utm}
      onAgain={() => {
        setRound(round + 1);
      }}
    />
  );
}
