// Who is staff, and telling some of them something.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useResource } from "@/shared/hooks/useResource";
import { useMessages, useTitle } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { Empty, Loadable } from "@/shared/ui/states";
import { useToast } from "@/shared/ui/Toast";

import type { StaffMember } from "./AnnouncementForm.tsx";
import { AnnouncementForm } from "./AnnouncementForm.tsx";
import { MESSAGES } from "./messages.ts";

export default function StaffPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const toast = useToast();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isWriting, setWriting] = useState(false);
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/staff", { signal }), [api]);
  const staff = useResource(load);
  const members = staff.state.status === "ready" ? staff.state.data.items : [];
  const recipients = members.filter(({ id }) => chosen.has(id));
  const areAllChosen = members.length > 0 && recipients.length === members.length;
  useTitle(t("title"));
  return (
    <>
      <Heading
        title={t("title")}
        actions={
          <>
            <Button
              disabled={members.length === 0}
              onClick={() => {
                setChosen(new Set(areAllChosen ? [] : members.map(({ id }) => id)));
              }}
            >
              {t(areAllChosen ? "choose.nobody" : "choose.all")}
            </Button>
            <Button
              kind="primary"
              onClick={() => {
                setWriting(true);
              }}
            >
              {recipients.length === 0 ? t("announcement") : t("write", { count: recipients.length })}
            </Button>
          </>
        }
      >
        {t("lead")}
      </Heading>
      <Loadable resource={staff}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <DataTable<StaffMember>
              caption={t("title")}
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                { name: "name", heading: t("name"), cell: ({ name }) => name },
                { name: "email", heading: t("email"), cell: ({ email }) => email },
                { name: "role", heading: t("role"), cell: ({ role }) => t(role) },
                {
                  name: "choose",
                  heading: t("choose"),
                  actions: true,
                  cell: ({ id, name }) => (
                    <Checkbox
                      checked={chosen.has(id)}
                      onChange={(checked) => {
                        setChosen((before) => {
                          const others = [...before].filter((one) => one !== id);
                          return new Set(checked ? [...others, id] : others);
                        });
                      }}
                    >
                      {t("choose.one", { name })}
                    </Checkbox>
                  ),
                },
              ]}
            />
          )
        }
      </Loadable>
      {isWriting && (
        <AnnouncementForm
          members={recipients}
          onClose={() => {
            setWriting(false);
          }}
          onSent={() => {
            setWriting(false);
            setChosen(new Set());
            toast(t("sent"));
          }}
        />
      )}
    </>
  );
}
