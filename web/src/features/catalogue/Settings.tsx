// How the product behaves: each setting with its value, which administrators change.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useResource } from "@/shared/hooks/useResource";
import { useMessages } from "@/shared/i18n/i18n";
import { useSessionState } from "@/shared/session/SessionContext";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Loadable } from "@/shared/ui/states";
import { useToast } from "@/shared/ui/Toast";

import { MESSAGES } from "./messages.ts";
import type { Setting } from "./SettingForm.tsx";
import { choicesOf, SettingForm } from "./SettingForm.tsx";
import { useSettingWords } from "./settingWords.ts";

export function Settings(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const state = useSessionState();
  const [open, setOpen] = useState<Setting | null>(null);
  const toast = useToast();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/settings", { signal }), [api]);
  const settings = useResource(load);
  const mayChange = state.status === "signedIn" && state.person.role === "ADMIN";
  const { nameOf, about, valueName } = useSettingWords();
  const written = (setting: Setting): string => {
    const { value } = setting;
    if (typeof value === "boolean") return t(value ? "yes" : "no");
    return choicesOf(setting).length > 0 ? valueName(String(value)) : String(value);
  };
  return (
    <>
      <p>{t(mayChange ? "settings.lead" : "settings.denied")}</p>
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
                cell: (setting) => (
                  <>
                    {nameOf(setting)} {setting.isPublic && <Badge>{t("public")}</Badge>}
                    <p className="field__hint">{about(setting)}</p>
                  </>
                ),
              },
              { name: "value", heading: t("value"), cell: written },
              ...(mayChange
                ? [
                    {
                      name: "actions",
                      heading: t("actions"),
                      actions: true,
                      cell: (setting: Setting) => (
                        <Button
                          className="button--small"
                          aria-label={`${t("edit")}: ${nameOf(setting)}`}
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
            toast(t("settings.saved"));
            settings.reload();
          }}
        />
      )}
    </>
  );
}
