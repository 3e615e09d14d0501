// What somebody was woken for.
import type { ReactElement } from "react";
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { usePaged } from "@/shared/hooks/usePaged";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Badge } from "@/shared/ui/Badge";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

type Alert = ItemOf<"/admin/alerts">;

export default function AlertsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/alerts", { query: { cursor }, signal }),
    [api],
  );
  const alerts = usePaged(load);
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Loadable resource={alerts} lines={8}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <>
              <DataTable<Alert>
                caption={t("title")}
                rows={items}
                rowKey={({ at, kind, subject }) => `${at} ${kind} ${subject}`}
                columns={[
                  { name: "at", heading: t("at"), cell: ({ at }) => time(at) },
                  { name: "kind", heading: t("kind"), cell: ({ kind }) => <Badge tone="warning">{kind}</Badge> },
                  { name: "subject", heading: t("subject"), cell: ({ subject }) => subject },
                  { name: "body", heading: t("body"), cell: ({ body }) => body },
                ]}
              />
              <MorePages paged={alerts} />
            </>
          )
        }
      </Loadable>
    </>
  );
}
