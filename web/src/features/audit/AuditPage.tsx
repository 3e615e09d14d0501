// Who changed what, when and from where.
import type { ReactElement } from "react";
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { usePaged } from "@/shared/hooks/usePaged";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable } from "@/shared/ui/states";

import { changesOf } from "./changes.ts";
import { MESSAGES } from "./messages.ts";

type Entry = ItemOf<"/admin/audit">;

function Changes({ entry }: { entry: Entry }): ReactElement {
  const t = useMessages(MESSAGES);
  const changes = changesOf(entry.before, entry.after);
  if (changes.length === 0) return <>–</>;
  return (
    <dl className="changes">
      {changes.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>
            <span className="hidden">{t("before")}: </span>
            <del>{before ?? t("nothing")}</del> <span aria-hidden="true">→</span>{" "}
            <span className="hidden">{t("after")}: </span>
            <ins>{after ?? t("nothing")}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export default function AuditPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/audit", { query: { cursor }, signal }),
    [api],
  );
  const entries = usePaged(load);
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Loadable resource={entries} lines={8}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <>
              <DataTable<Entry>
                caption={t("title")}
                rows={items}
                rowKey={({ id }) => id}
                columns={[
                  { name: "at", heading: t("at"), cell: ({ at }) => time(at) },
                  {
                    name: "actor",
                    heading: t("actor"),
                    cell: ({ actor }) => `${actor.email ?? t("gone")} (${actor.role})`,
                  },
                  { name: "action", heading: t("action"), cell: ({ action }) => <code>{action}</code> },
                  { name: "target", heading: t("target"), cell: ({ target }) => <code>{target}</code> },
                  { name: "change", heading: t("change"), cell: (entry) => <Changes entry={entry} /> },
                  {
                    name: "from",
                    heading: t("from"),
                    cell: ({ ip, correlationId }) => (
                      <span title={`${t("correlation")}: ${correlationId}`}>{ip ?? "–"}</span>
                    ),
                  },
                ]}
              />
              <MorePages paged={entries} />
            </>
          )
        }
      </Loadable>
    </>
  );
}
