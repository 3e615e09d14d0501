// Category, area and materials: the choices that make the price.
import type { ReactElement } from "react";

import type { Material } from "@/shared/api/types";
import type { Resource } from "@/shared/hooks/useResource";
import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import type { LeadForm } from "@/shared/lead/useLeadForm";
import { Field, FieldError, useDescribed } from "@/shared/ui/Field";
import { useTestId } from "@/shared/ui/formScope";

import { useCategories } from "./catalogue.ts";
import type { QuoteFields } from "./form.ts";

interface CalculatorFieldsProps {
  form: LeadForm<QuoteFields>;
  materials: Resource<Material[]>;
}

function Failed({ retry }: { retry: () => void }): ReactElement {
  const { t } = useI18n();
  return (
    <p className="notice" role="alert">
      {t("calc.failed")} <Button onClick={retry}>{t("form.retry")}</Button>
    </p>
  );
}

function MaterialChoices({ form, materials }: CalculatorFieldsProps): ReactElement {
  const { t, money } = useI18n();
  const { state, reload } = materials;
  const { materialIds } = form.fields;
  if (state.status === "idle") return <p className="field__hint">{t("calc.materials.choose")}</p>;
  if (state.status === "loading") return <p className="field__hint">{t("calc.materials.loading")}</p>;
  if (state.status === "failed") return <Failed retry={reload} />;
  if (state.data.length === 0) return <p className="field__hint">{t("calc.materials.none")}</p>;
  return (
    <div className="choices">
      {state.data.map(({ id, name, unit, price }) => (
        <Checkbox
          key={id}
          checked={materialIds.includes(id)}
          onChange={(checked) => {
            form.change(
              { materialIds: checked ? [...materialIds, id] : materialIds.filter((other) => other !== id) },
              "materials",
            );
          }}
        >
          <span className="choices__name">{name}</span>
          <span className="choices__price">
            {money(price)} {t(`calc.unit.${unit}`)}
          </span>
        </Checkbox>
      ))}
    </div>
  );
}

export function CalculatorFields({ form, materials }: CalculatorFieldsProps): ReactElement {
  const { t } = useI18n();
  const testId = useTestId();
  const described = useDescribed();
  const { fields, change } = form;
  const { shown, touch } = form.validation;
  const categories = useCategories();
  const error = (name: "category" | "area" | "materials"): string | undefined => {
    const key = shown[name];
    return key && t(key);
  };
  return (
    <fieldset className="step card">
      <legend className="step__title">{t("calc.legend")}</legend>
      <Field name="category" label={t("calc.category")} error={error("category")}>
        {(control) => (
          <select
            {...control}
            data-testid={testId("calc-category")}
            className="control"
            required
            value={fields.categoryId}
            onChange={(event) => {
              change({ categoryId: event.target.value, materialIds: [] }, "category");
            }}
            onBlur={() => {
              touch("category");
            }}
          >
            <option value="">
              {t(categories.state.status === "loading" ? "calc.category.loading" : "calc.category.choose")}
            </option>
            {categories.state.status === "ready" &&
              categories.state.data.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </select>
        )}
      </Field>
      {categories.state.status === "failed" && <Failed retry={categories.reload} />}
      <Field name="area" label={t("calc.area")} hint={t("calc.area.hint")} error={error("area")}>
        {(control) => (
          <span className="with-unit">
            <input
              {...control}
              data-testid={testId("calc-area")}
              className="control"
              inputMode="decimal"
              autoComplete="off"
              required
              value={fields.area}
              onChange={(event) => {
                change({ area: event.target.value }, "area");
              }}
              onBlur={() => {
                touch("area");
              }}
            />
            <span className="with-unit__unit" aria-hidden="true">
              m²
            </span>
          </span>
        )}
      </Field>
      <fieldset
        className="group"
        data-testid={testId("calc-materials")}
        tabIndex={-1}
        {...described("materials", null, shown["materials"])}
      >
        <legend className="field__label">
          {t("calc.materials")} <span className="field__optional">({t("form.optional")})</span>
        </legend>
        <MaterialChoices form={form} materials={materials} />
        <FieldError name="materials" error={error("materials")} />
      </fieldset>
    </fieldset>
  );
}
