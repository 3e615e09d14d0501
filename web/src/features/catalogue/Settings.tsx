// How the product behaves: each setting with its value, which administrators change.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { useResource } from "@/shared/hooks/useResource";
import { useMessages } from "@/shared/i18n/i18n";
import { useSessionState } from "@/shared/session/SessionContext";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Loadable, Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

type Setting = ItemOf<"/admin/settings">;

/** What was written, as the setting's type; what is no number stays text, which the API explains. */
export function valueOf(type: Setting["type"], written: string): string | number {
  const isNumber = type === "integer" || type === "number";
  const number = Number(written.trim().replace(",", "."));
  return isNumber && written.trim() !== "" && !Number.isNaN(number) ? number : written;
}

interface SettingFormProps {
  setting: Setting;
  onClose: () => void;
  onSaved: () => void;
}

function SettingForm({ setting, onClose, onSaved }: SettingFormProps): ReactElement {
  const t = useMessages(MESSAGES);
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
    <Dialog title={setting.key} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        {setting.type === "boolean" ? (
          <Checkbox checked={checked} onChange={setChecked}>
            {setting.description}
          </Checkbox>
        ) : (
          <Field name="value" label={t("value")} hint={setting.description}>
            {(control) => (
              <input
                {...control}
                className="control"
                value={written}
                onChange={(event) => {
                  setWritten(event.target.value);
                }}
              />
            )}
          </Field>
        )}
        <Problem reason={save.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={save.running}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Settings(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const state = useSessionState();
  const [open, setOpen] = useState<Setting | null>(null);
  const [saved, setSaved] = useState(false);
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/settings", { signal }), [api]);
  const settings = useResource(load);
  const mayChange = state.status === "signedIn" && state.person.role === "ADMIN";
  const written = (value: Setting["value"]): string =>
    typeof value === "boolean" ? t(value ? "yes" : "no") : String(value);
  return (
    <>
      <p>{t(mayChange ? "settings.lead" : "settings.denied")}</p>
      <p role="status" className={saved ? "notice" : "hidden"}>
        {saved && t("saved")}
      </p>
      <Loadable resource={settings} lines={8}>
        {({ items }) => (
          <DataTable<Setting>
            caption={t("settings")}
            rows={items}
            rowKey={({ key }) => key}
            columns={[
              {
                name: "key",
                heading: t("key"),
                cell: ({ key, description, isPublic }) => (
                  <>
                    <code>{key}</code> {isPublic && <Badge>{t("public")}</Badge>}
                    <p className="field__hint">{description}</p>
                  </>
                ),
              },
              { name: "value", heading: t("value"), cell: ({ value }) => written(value) },
              ...(mayChange
                ? [
                    {
                      name: "actions",
                      heading: t("actions"),
                      actions: true,
                      cell: (setting: Setting) => (
                        <Button
                          className="button--small"
                          aria-label={`${t("edit")}: ${setting.key}`}
                          onClick={() => {
                            setOpen(setting);
                          }}
                        >
                          {t("edit")}
                        </Button>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Loadable>
      {open && (
        <SettingForm
          setting={open}
          onClose={() => {
            setOpen(null);
          }}
          onSaved={() => {
            setOpen(null);
            setSaved(true);
            settings.reload();
          }}
        />
      )}
    </>
  );
}
