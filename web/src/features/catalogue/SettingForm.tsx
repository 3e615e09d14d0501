// The value of one setting, to be changed in the way of its type.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { fieldErrors } from "@/shared/api/fieldErrors";
import type { ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Checkbox } from "@/shared/ui/Checkbox";
import type { ControlProps } from "@/shared/ui/Field";
import { Field } from "@/shared/ui/Field";

import { EditDialog } from "./EditDialog.tsx";
import { MESSAGES } from "./messages.ts";
import { useSettingWords } from "./settingWords.ts";

export type Setting = ItemOf<"/admin/settings">;

const LONG_FROM = 200;

/** What was written, as the setting's type; what is no number stays text, which the API explains. */
export function valueOf(type: Setting["type"], written: string): string | number {
  const isNumber = type === "integer" || type === "number";
  const number = Number(written.trim().replace(",", "."));
  return isNumber && written.trim() !== "" && !Number.isNaN(number) ? number : written;
}

/** The values that a text may have where they are few: its pattern is ^(one|or|another)$. */
export function choicesOf({ validation }: Pick<Setting, "validation">): string[] {
  const pattern = validation["pattern"];
  const match = typeof pattern === "string" ? /^\^\((\w+(?:\|\w+)+)\)\$$/.exec(pattern) : null;
  return match?.[1]?.split("|") ?? [];
}

interface ValueInputProps {
  setting: Setting;
  control: ControlProps;
  written: string;
  write: (text: string) => void;
}

function ValueInput({ setting, control, written, write }: ValueInputProps): ReactElement {
  const { valueName } = useSettingWords();
  const choices = choicesOf(setting);
  const shared = {
    ...control,
    className: "control",
    value: written,
    onChange: ({ target }: { target: { value: string } }) => {
      write(target.value);
    },
  };
  if (choices.length > 0)
    return (
      <select {...shared}>
        {choices.map((one) => (
          <option key={one} value={one}>
            {valueName(one)}
          </option>
        ))}
      </select>
    );
  const longest = setting.validation["maxLength"];
  if (typeof longest === "number" && longest > LONG_FROM) return <textarea {...shared} rows={4} />;
  return <input {...shared} {...(setting.type === "text" ? {} : { inputMode: "decimal" })} />;
}

interface SettingFormProps {
  setting: Setting;
  onClose: () => void;
  onSaved: () => void;
}

export function SettingForm({ setting, onClose, onSaved }: SettingFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const { nameOf, about } = useSettingWords();
  const api = useApi();
  const [written, setWritten] = useState(String(setting.value));
  const [checked, setChecked] = useState(setting.value === true);
  const save = useAction(
    () =>
      api.request("put", "/admin/settings/{key}", {
        path: { key: setting.key },
        body: { value: setting.type === "boolean" ? checked : valueOf(setting.type, written) },
      }),
    onSaved,
  );
  return (
    <EditDialog
      title={nameOf(setting)}
      fields={setting.type === "boolean" ? [] : ["value"]}
      failure={save.failure}
      disabled={save.running}
      save={save.run}
      onClose={onClose}
    >
      {setting.type === "boolean" ? (
        <Checkbox checked={checked} onChange={setChecked}>
          {about(setting)}
        </Checkbox>
      ) : (
        <Field
          name="value"
          label={t("value")}
          hint={about(setting)}
          error={fieldErrors(save.failure, language)["value"]}
        >
          {(control) => (
            <ValueInput setting={setting} control={control} written={written} write={setWritten} />
          )}
        </Field>
      )}
    </EditDialog>
  );
}
