// The furniture quote: as many pieces as somebody wants, and the price they make.
import type { ReactElement } from "react";
import { useEffect, useMemo, useRef } from "react";

import type { FurniturePrice } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { LeadFormView } from "@/shared/lead/LeadFormView";
import type { OneFormProps } from "@/shared/lead/OneForm";
import { PriceBar } from "@/shared/lead/PriceBar";
import { PriceCard, PriceLine } from "@/shared/lead/PriceCard";
import { useLeadForm } from "@/shared/lead/useLeadForm";
import { usePrice } from "@/shared/lead/usePrice";
import { useCaptcha } from "@/shared/turnstile/useCaptcha";
import { Button } from "@/shared/ui/Button";
import { useControlId, useTestId } from "@/shared/ui/formScope";

import type { Piece } from "./form.ts";
import { fieldOf, FURNITURE_RULES, MOST_PIECES, newPiece, partOf, toFurnitureRequest } from "./form.ts";
import "./furniture.css";
import { PieceFields } from "./PieceFields.tsx";
import { isFurniturePrice, useProducts } from "./products.ts";

function Breakdown({ price }: { price: FurniturePrice }): ReactElement {
  const { t } = useI18n();
  return (
    <>
      {price.items.map(({ name, quantity, fitIn, lineTotal }, index) => (
        <PriceLine
          key={index}
          label={`${quantity} × ${name}${fitIn ? `, ${t("furniture.fittedIn")}` : ""}`}
          amount={lineTotal}
        />
      ))}
      {price.fees.map(({ name, amount }, index) => (
        <PriceLine key={`fee-${index}`} label={name} amount={amount} />
      ))}
    </>
  );
}

export function FurnitureQuote({ utm, onAgain }: OneFormProps): ReactElement {
  const { t, language } = useI18n();
  const testId = useTestId();
  const controlId = useControlId();
  const { place, freshToken } = useCaptcha("lead", language);
  const form = useLeadForm(FURNITURE_RULES, utm, freshToken);
  const { pieces } = form.fields;
  const { change } = form;
  const { phase } = form.machine;
  const products = useProducts();
  const price = usePrice(
    "/furniture-quotes/calculate",
    useMemo(() => toFurnitureRequest({ pieces }), [pieces]),
    isFurniturePrice,
  );

  // A kept piece that is no longer offered, or is priced by something else now, is asked for again.
  const offered = products.state.status === "ready" ? products.state.data : null;
  useEffect(() => {
    if (!offered || phase.name !== "idle") return;
    const now = pieces.map((piece): Piece => {
      const unit = offered.find(({ id }) => id === piece.productId)?.unit ?? "";
      return { ...piece, unit, productId: unit === "" ? "" : piece.productId };
    });
    if (JSON.stringify(now) !== JSON.stringify(pieces)) change({ pieces: now });
  }, [offered, pieces, change, phase.name]);

  const toFocus = useRef<string | null>(null);
  useEffect(() => {
    if (toFocus.current !== null) document.getElementById(toFocus.current)?.focus();
    toFocus.current = null;
  }, [pieces]);
  const remove = (piece: Piece): void => {
    const at = pieces.indexOf(piece);
    const left = pieces.filter((one) => one !== piece);
    const next = left[Math.min(at, left.length - 1)];
    if (next) toFocus.current = controlId(fieldOf(next, "product"));
    change({ pieces: left });
  };
  const add = (): void => {
    const piece = newPiece(pieces);
    toFocus.current = controlId(fieldOf(piece, "product"));
    change({ pieces: [...pieces, piece] });
  };

  const [first] = pieces;
  return (
    <LeadFormView
      form={form}
      place={place}
      firstField={first ? fieldOf(first, "product") : "product"}
      labelOf={(field) => {
        const { key, part } = partOf(field);
        const at = pieces.findIndex((piece) => piece.key === key) + 1;
        const label = t(`furniture.${part}.short`);
        return pieces.length > 1 ? `${label} (${t("furniture.piece", { place: at })})` : label;
      }}
      onAgain={onAgain}
    >
      <fieldset className="step card">
        <legend className="step__title">{t("furniture.legend")}</legend>
        {products.state.status === "failed" && (
          <p className="notice" role="alert">
            {t("calc.failed")} <Button onClick={products.reload}>{t("form.retry")}</Button>
          </p>
        )}
        {pieces.map((piece, index) => (
          <PieceFields
            key={piece.key}
            form={form}
            piece={piece}
            place={index + 1}
            products={products.state}
            onRemove={
              pieces.length > 1
                ? () => {
                    remove(piece);
                  }
                : null
            }
          />
        ))}
        {pieces.length < MOST_PIECES && (
          <Button className="piece__add" data-testid={testId("furniture-add")} onClick={add}>
            {t("furniture.add")}
          </Button>
        )}
      </fieldset>
      <PriceCard price={price} empty={t("furniture.empty")} testPrefix="furniture">
        {price.quote && <Breakdown price={price.quote} />}
      </PriceCard>
      <PriceBar price={price} />
    </LeadFormView>
  );
}
