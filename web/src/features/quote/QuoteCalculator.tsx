// The quote calculator: kind of work, area and materials, and the price they make.
import type { ReactElement } from "react";
import { useEffect, useMemo } from "react";

import { isRecord } from "@/shared/api/client";
import type { CalculatorQuote } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { LeadFormView } from "@/shared/lead/LeadFormView";
import type { OneFormProps } from "@/shared/lead/OneForm";
import { PriceCard, PriceLine } from "@/shared/lead/PriceCard";
import { PriceBar } from "@/shared/lead/PriceBar";
import { useLeadForm } from "@/shared/lead/useLeadForm";
import { usePrice } from "@/shared/lead/usePrice";
import { useCaptcha } from "@/shared/turnstile/useCaptcha";

import { CalculatorFields } from "./CalculatorFields.tsx";
import { useMaterials } from "./catalogue.ts";
import { QUOTE_RULES, toCalculatorRequest } from "./form.ts";

function isCalculatorQuote(value: unknown): value is CalculatorQuote {
  return (
    isRecord(value) &&
    isRecord(value["total"]) &&
    isRecord(value["priceWithCoefficient"]) &&
    isRecord(value["materialsTotal"])
  );
}

export function QuoteCalculator({ utm, onAgain }: OneFormProps): ReactElement {
  const { t, language, number } = useI18n();
  const { place, freshToken } = useCaptcha("lead", language);
  const form = useLeadForm(QUOTE_RULES, utm, freshToken);
  const { fields, change } = form;
  const { phase } = form.machine;
  const materials = useMaterials(fields.categoryId);
  const price = usePrice(
    "/quotes/calculate",
    useMemo(() => toCalculatorRequest(fields), [fields]),
    isCalculatorQuote,
  );

  // A kept choice that is no longer offered cannot be seen or unticked, so it goes.
  const offered = materials.state.status === "ready" ? materials.state.data : null;
  useEffect(() => {
    if (!offered) return;
    const left = fields.materialIds.filter((id) => offered.some((material) => material.id === id));
    if (left.length < fields.materialIds.length && phase.name === "idle") change({ materialIds: left });
  }, [offered, fields.materialIds, change, phase.name]);

  return (
    <LeadFormView
      form={form}
      place={place}
      firstField="category"
      labelOf={(field) => t(`calc.${field as "category" | "area" | "materials"}`)}
      onAgain={onAgain}
    >
      <CalculatorFields form={form} materials={materials} />
      <PriceCard price={price} empty={t("price.empty")} testPrefix="calc">
        {price.quote && (
          <>
            <PriceLine
              label={t("price.work", { area: number(price.quote.area) })}
              amount={price.quote.priceWithCoefficient}
            />
            {price.quote.materials.map(({ id, name, cost }) => (
              <PriceLine key={id} label={name} amount={cost} />
            ))}
          </>
        )}
      </PriceCard>
      <PriceBar price={price} />
    </LeadFormView>
  );
}
