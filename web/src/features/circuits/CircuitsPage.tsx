// Which services are called at the moment, and which are left alone because they failed.
import type { ReactElement } from "react";
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { Empty, Loadable } from "@/shared/ui/states";

import { isNamed, MESSAGES } from "./messages.ts";

const EVERY_MS = 5000;

type Circuit = ItemOf<"/admin/circuits">;

const TONES: Record<Circuit["state"], Tone> = { closed: "good", half_open: "warning", open: "wrong" };

/** The service as people call it, and what waits while it is away. */
function Service({ name }: { name: string }): ReactElement {
  const t = useMessages(MESSAGES);
  if (!isNamed(name)) return <>{name}</>;
  return (
    <>
      {t(name)}
      <p className="field__hint">{t(`${name}.waits`)}</p>
    </>
  );
}

export default function CircuitsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { second, number } = useI18n();
  const api = useApi();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/circuits", { signal }), [api]);
  const circuits = useResource(load, { everyMs: EVERY_MS });
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Loadable resource={circuits}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <DataTable<Circuit>
              caption={t("title")}
              rows={items}
              rowKey={({ service }) => service}
              columns={[
                { name: "service", heading: t("service"), cell: ({ service }) => <Service name={service} /> },
                {
                  name: "state",
                  heading: t("state"),
                  cell: ({ state }) => <Badge tone={TONES[state]}>{t(state)}</Badge>,
                },
                {
                  name: "failures",
                  heading: t("failures"),
                  numeric: true,
                  cell: ({ failures }) => number(failures),
                },
                {
                  name: "opened",
                  heading: t("opened"),
                  cell: ({ openedAt }) => (openedAt ? second(openedAt) : "–"),
                },
                {
                  name: "retry",
                  heading: t("retry"),
                  cell: ({ retryAt }) => (retryAt ? second(retryAt) : "–"),
                },
              ]}
            />
          )
        }
      </Loadable>
    </>
  );
}
