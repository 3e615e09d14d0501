// One row of any kind, to be added or changed.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { fieldErrors } from "@/shared/api/fieldErrors";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { ControlProps } from "@/shared/ui/Field";
import { Field } from "@/shared/ui/Field";

import { EditDialog } from "./EditDialog.tsx";
import type { FieldOf, Kind, Row } from "./kinds.ts";
import { MESSAGES } from "./messages.ts";
import type { Names } from "./rows.ts";
import { nameOf, saveRow } from "./rows.ts";
import { changesOf, moneyOf, valuesOf } from "./values.ts";

const EXAMPLE = 1_250_000;

interface RowFormProps {
  kind: Kind;
  /** Null for a new one. */
  row: Row | null;
  names: Names;
  onClose: () => void;
  onSaved: () => void;
}

interface InputProps {
  field: FieldOf;
  control: ControlProps;
  value: string;
  unit: string;
  /** The row that is changed, which cannot stand inside itself. */
  itself: string | undefined;
  names: Names;
  change: (value: string) => void;
}

function Input({ field, control, value, unit, itself, names, change }: InputProps): ReactElement {
  const t = useMessages(MESSAGES);
  const shared = {
    ...control,
    className: field.as === "code" ? "control control--code" : "control",
    required: !field.optional,
    value,
    onChange: (event: { target: { value: string } }) => {
      change(event.target.value);
    },
  };
  if (field.as === "long" || field.name === "formula")
    return <textarea {...shared} rows={3} spellCheck={false} />;
  if (field.as === "choice" || field.as === "reference") {
    const choices = (field.choices ?? []).map((one): [string, string] => [one, t(one)]);
    const named = field.to ? [...(names[field.to] ?? new Map<string, string>())] : [];
    const others = named.filter(([id]) => id !== itself);
    return (
      <select {...shared}>
        {field.none && <option value="">{t(field.none)}</option>}
        {[...choices, ...others].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    );
  }
  const isText = field.as === "text" || field.as === "code";
  const input = <input {...shared} autoComplete="off" {...(isText ? {} : { inputMode: "decimal" })} />;
  if (!unit) return input;
  return (
    <span className="with-unit">
      {input}
      <span className="with-unit__unit">{unit}</span>
    </span>
  );
}

export function RowForm({ kind, row, names, onClose, onSaved }: RowFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [values, setValues] = useState(() => valuesOf(kind.fields, row));
  const { language, money, number } = useI18n();
  const changes = changesOf(kind.fields, values, row);
  const save = useAction(() => saveRow(api, kind, row?.id ?? null, changes), onSaved);
  const errors = fieldErrors(save.failure, language);
  const tags = [...(names["unit-prices"] ?? new Map<string, string>()).values()].join(", ") || "–";
  const isPercent = (field: FieldOf): boolean => values[field.unitIn ?? ""] === "PERCENTAGE";
  const hintOf = (field: FieldOf): string | undefined => {
    const text = values[field.name] ?? "";
    const isAmount = field.as === "money" || (field.as === "share" && !isPercent(field));
    if (!isAmount) return field.hint && t(field.hint, { tags });
    const read = moneyOf(text, row?.[field.name]);
    return read ? `= ${money(read)}` : t("amount.hint", { example: number(EXAMPLE) });
  };
  const unitOf = (field: FieldOf): string => {
    if (field.as === "share") return isPercent(field) ? "%" : "₫";
    return field.as === "money" ? "₫" : "";
  };
  const isComplete = kind.fields.every(({ name, optional }) => optional === true || values[name]?.trim());
  return (
    <EditDialog
      title={row ? t("edit.of", { name: nameOf(row) }) : t("add.to", { kind: t(kind.name) })}
      fields={kind.fields.map(({ name }) => name)}
      failure={save.failure}
      disabled={save.running || !isComplete}
      save={() => {
        if (row && Object.keys(changes).length === 0) onClose();
        else save.run();
      }}
      onClose={onClose}
    >
      {kind.fields.map((field) => (
        <Field
          key={field.name}
          name={field.name}
          label={t(field.label)}
          hint={hintOf(field)}
          error={errors[field.name]}
          optional={field.optional ?? false}
        >
          {(control) => (
            <Input
              field={field}
              control={control}
              value={values[field.name] ?? ""}
              unit={unitOf(field)}
              itself={row?.id}
              names={names}
              change={(value) => {
                setValues((before) => ({ ...before, [field.name]: value }));
              }}
            />
          )}
        </Field>
      ))}
    </EditDialog>
  );
}
