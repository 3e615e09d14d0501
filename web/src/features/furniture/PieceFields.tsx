// One piece: which product, how long (and how wide where that makes the price), how many, and whether we fit
// it in.
import type { ReactElement } from "react";

import type { Product } from "@/shared/api/types";
import type { Loaded } from "@/shared/hooks/useResource";
import { useI18n } from "@/shared/i18n/i18n";
import type { LeadForm } from "@/shared/lead/useLeadForm";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import { Field } from "@/shared/ui/Field";
import { useControlId, useTestId } from "@/shared/ui/formScope";

import type { FurnitureFields, Part, Piece } from "./form.ts";
import { fieldOf } from "./form.ts";

interface PieceFieldsProps {
  form: LeadForm<FurnitureFields>;
  piece: Piece;
  /** Its place among the pieces, from 1. */
  place: number;
  products: Loaded<Product[]>;
  onRemove: (() => void) | null;
}

interface InputProps {
  form: LeadForm<FurnitureFields>;
  piece: Piece;
  part: Exclude<Part, "product">;
  onChange: (value: string) => void;
}

function NumberInput({ form, piece, part, onChange }: InputProps): ReactElement {
  const { t } = useI18n();
  const testId = useTestId();
  const field = fieldOf(piece, part);
  const error = form.validation.shown[field];
  return (
    <Field name={field} label={t(`furniture.${part}`)} error={error && t(error)}>
      {(control) => (
        <span className="with-unit">
          <input
            {...control}
            data-testid={testId(`furniture-${part}`)}
            className="control"
            inputMode={part === "quantity" ? "numeric" : "decimal"}
            autoComplete="off"
            required
            value={piece[part]}
            onChange={(event) => {
              onChange(event.target.value);
            }}
            onBlur={() => {
              form.validation.touch(field);
            }}
          />
          {part !== "quantity" && (
            <span className="with-unit__unit" aria-hidden="true">
              m
            </span>
          )}
        </span>
      )}
    </Field>
  );
}

export function PieceFields({ form, piece, place, products, onRemove }: PieceFieldsProps): ReactElement {
  const { t, money, number } = useI18n();
  const testId = useTestId();
  const controlId = useControlId();
  const { fields, change, validation } = form;
  const productField = fieldOf(piece, "product");
  const error = validation.shown[productField];
  const known = products.status === "ready" ? products.data : [];
  const chosen = known.find(({ id }) => id === piece.productId);
  const put = (changes: Partial<Piece>, part?: Part): void => {
    change(
      { pieces: fields.pieces.map((one) => (one.key === piece.key ? { ...one, ...changes } : one)) },
      part && fieldOf(piece, part),
    );
  };
  const fitInCost = (product: Product): string => {
    if (product.fitInType === "PERCENTAGE") return `+${number(product.fitInValue)} %`;
    return `+${money({ amount: String(product.fitInValue), currency: product.unitPrice.currency })}`;
  };
  return (
    <fieldset className="piece" id={controlId(`piece-${piece.key}`)}>
      <legend className="piece__title">{t("furniture.piece", { place })}</legend>
      {onRemove && (
        <Button
          className="piece__remove"
          onClick={onRemove}
          aria-label={t("furniture.removePiece", { place })}
        >
          {t("furniture.remove")}
        </Button>
      )}
      <Field
        name={productField}
        label={t("furniture.product")}
        hint={chosen?.description}
        error={error && t(error)}
      >
        {(control) => (
          <select
            {...control}
            data-testid={testId("furniture-product")}
            className="control"
            required
            value={piece.productId}
            onChange={(event) => {
              const product = known.find(({ id }) => id === event.target.value);
              put({ productId: event.target.value, unit: product?.unit ?? "" }, "product");
            }}
            onBlur={() => {
              validation.touch(productField);
            }}
          >
            <option value="">
              {t(products.status === "loading" ? "calc.category.loading" : "calc.category.choose")}
            </option>
            {known.map(({ id, name, unit, unitPrice }) => (
              <option key={id} value={id}>
                {name} · {money(unitPrice)} {t(unit === "M2" ? "calc.unit.m2" : "calc.unit.m")}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="piece__measures">
        <NumberInput
          form={form}
          piece={piece}
          part="length"
          onChange={(length) => {
            put({ length }, "length");
          }}
        />
        {piece.unit === "M2" && (
          <NumberInput
            form={form}
            piece={piece}
            part="width"
            onChange={(width) => {
              put({ width }, "width");
            }}
          />
        )}
        <NumberInput
          form={form}
          piece={piece}
          part="quantity"
          onChange={(quantity) => {
            put({ quantity }, "quantity");
          }}
        />
      </div>
      <Checkbox
        testId={testId("furniture-fit-in")}
        checked={piece.fitIn}
        onChange={(fitIn) => {
          put({ fitIn });
        }}
      >
        {t("furniture.fitIn")}{" "}
        {chosen && chosen.fitInValue > 0 && <span className="field__optional">({fitInCost(chosen)})</span>}
      </Checkbox>
    </fieldset>
  );
}
