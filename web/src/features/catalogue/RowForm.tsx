// One row of any kind, to be added or changed.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { fieldErrors } from "@/shared/api/fieldErrors";
import { useAction } from "@/shared/hooks/useAction";
import { useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import type { ControlProps } from "@/shared/ui/Field";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import type { FieldOf, Kind, Row } from "./kinds.ts";
import { MESSAGES } from "./messages.ts";
import type { Names } from "./rows.ts";
import { saveRow } from "./rows.ts";
import { bodyOf, valuesOf } from "./values.ts";

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
  names: Names;
  change: (value: string) => void;
}

function Input({ field, control, value, names, change }: InputProps): ReactElement {
  const t = useMessages(MESSAGES);
  const shared = {
    ...control,
    className: "control",
    required: !field.optional,
    value,
    onChange: (event: { target: { value: string } }) => {
      change(event.target.value);
    },
  };
  if (field.as === "long") return <textarea {...shared} rows={3} />;
  if (field.as === "choice" || field.as === "reference") {
    const choices = (field.choices ?? []).map((one): [string, string] => [one, t(one)]);
    const others = field.to ? [...(names[field.to] ?? new Map<string, string>())] : [];
    return (
      <select {...shared}>
        {field.optional && <option value="">{t("nothing")}</option>}
        {[...choices, ...others].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    );
  }
  const isNumber = field.as === "money" || field.as === "number" || field.as === "whole";
  return <input {...shared} autoComplete="off" {...(isNumber ? { inputMode: "decimal" } : {})} />;
}

export function RowForm({ kind, row, names, onClose, onSaved }: RowFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [values, setValues] = useState(() => valuesOf(kind.fields, row));
  const save = useAction(() => saveRow(api, kind, row?.id ?? null, bodyOf(kind.fields, values, row)), onSaved);
  const errors = fieldErrors(save.failure);
  const tags = [...(names["unit-prices"] ?? new Map<string, string>()).values()].join(", ") || "–";
  const isComplete = kind.fields.every(({ name, optional }) => optional === true || values[name]?.trim());
  return (
    <Dialog title={`${t(kind.name)}: ${t(row ? "edit" : "add")}`} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        {kind.fields.map((field) => (
          <Field
            key={field.name}
            name={field.name}
            label={t(field.label)}
            hint={field.hint && t(field.hint, { tags })}
            error={errors[field.name]}
            optional={field.optional ?? false}
          >
            {(control) => (
              <Input
                field={field}
                control={control}
                value={values[field.name] ?? ""}
                names={names}
                change={(value) => {
                  setValues((before) => ({ ...before, [field.name]: value }));
                }}
              />
            )}
          </Field>
        ))}
        <Problem reason={save.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={save.running || !isComplete}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
