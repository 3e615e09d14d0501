// One's own account: who one is to us, what one was told, one's data, and the way out.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { isStaff } from "@/shared/session/roles";
import { Button } from "@/shared/ui/Button";
import { Heading } from "@/shared/ui/Heading";
import { Loadable, Problem } from "@/shared/ui/states";
import { saveFile } from "@/shared/ui/saveFile";

import { DeleteAccount } from "./DeleteAccount.tsx";
import { MESSAGES } from "./messages.ts";
import { Notifications } from "./Notifications.tsx";

export default function AccountPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const [leaving, setLeaving] = useState(false);
  const load = useCallback((signal: AbortSignal) => api.request("get", "/me", { signal }), [api]);
  const me = useResource(load);
  const download = useAction(
    () => api.request("get", "/me/export"),
    (data) => {
      saveFile("plumbline.json", new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
    },
  );
  useTitle(t("title"));
  return (
    <div className="account">
      <Heading title={t("title")} />
      <Loadable resource={me}>
        {({ email, name, phone, role, createdAt }) => (
          <>
            <section className="card stack" aria-labelledby="profile">
              <h2 id="profile">{t("profile")}</h2>
              <dl className="facts">
                {(
                  [
                    ["name", name],
                    ["email", email],
                    ["phone", phone ?? "–"],
                    ["role", role],
                    ["since", time(createdAt)],
                  ] as const
                ).map(([key, value]) => (
                  <div key={key}>
                    <dt>{t(key)}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </section>
            <Notifications isStaff={isStaff(role)} />
          </>
        )}
      </Loadable>
      <section className="card stack" aria-labelledby="data">
        <h2 id="data">{t("data")}</h2>
        <p>{t("data.text")}</p>
        <Problem reason={download.failure} />
        <div className="actions">
          <Button disabled={download.running} onClick={download.run}>
            {t("export")}
          </Button>
          <Button
            onClick={() => {
              setLeaving(true);
            }}
          >
            {t("remove")}
          </Button>
        </div>
      </section>
      {leaving && (
        <DeleteAccount
          onClose={() => {
            setLeaving(false);
          }}
        />
      )}
    </div>
  );
}
