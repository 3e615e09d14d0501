// Who reaches limits, and where.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { AnswerOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { Heading } from "@/shared/ui/Heading";
import { Empty, Loadable } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

const EVERY_MS = 5000;

type Violations = AnswerOf<"get", "/admin/rate-limits/dashboard">;

function OfClient({ ip, onClose }: { ip: string; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/rate-limits/violations/{ip}", { path: { ip }, signal }),
    [api, ip],
  );
  const found = useResource(load);
  return (
    <Dialog title={t("of", { ip })} onClose={onClose}>
      <Loadable resource={found}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("nothing")}</Empty>
          ) : (
            <DataTable
              caption={t("of", { ip })}
              rows={items.map((item, place) => ({ ...item, place }))}
              rowKey={({ place }) => String(place)}
              columns={[
                { name: "at", heading: t("at"), cell: ({ at }) => time(at) },
                { name: "path", heading: t("path"), cell: ({ path }) => <code>{path}</code> },
              ]}
            />
          )
        }
      </Loadable>
    </Dialog>
  );
}

function Tables({ found, show }: { found: Violations; show: (ip: string) => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  if (found.endpoints.length === 0 && found.topIps.length === 0) return <Empty>{t("none")}</Empty>;
  return (
    <>
      <h2>{t("endpoints")}</h2>
      <DataTable
        caption={t("endpoints")}
        rows={found.endpoints}
        rowKey={({ path }) => path}
        columns={[
          { name: "path", heading: t("path"), cell: ({ path }) => <code>{path}</code> },
          { name: "count", heading: t("count"), numeric: true, cell: ({ count }) => number(count) },
          { name: "ips", heading: t("ips"), numeric: true, cell: ({ uniqueIps }) => number(uniqueIps) },
        ]}
      />
      <h2>{t("clients")}</h2>
      <DataTable
        caption={t("clients")}
        rows={found.topIps}
        rowKey={({ ip }) => ip}
        columns={[
          { name: "ip", heading: t("ip"), cell: ({ ip }) => <code>{ip}</code> },
          { name: "count", heading: t("count"), numeric: true, cell: ({ count }) => number(count) },
          {
            name: "show",
            heading: t("show"),
            actions: true,
            cell: ({ ip }) => (
              <Button
                className="button--small"
                aria-label={`${t("show")}: ${ip}`}
                onClick={() => {
                  show(ip);
                }}
              >
                {t("show")}
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}

export default function RateLimitsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const [ip, setIp] = useState<string | null>(null);
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/rate-limits/dashboard", { signal }),
    [api],
  );
  const violations = useResource(load, { everyMs: EVERY_MS });
  const { state } = violations;
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>
        {t("lead", { at: state.status === "ready" ? time(state.data.since) : "…" })}
      </Heading>
      <Loadable resource={violations}>{(found) => <Tables found={found} show={setIp} />}</Loadable>
      {ip !== null && (
        <OfClient
          ip={ip}
          onClose={() => {
            setIp(null);
          }}
        />
      )}
    </>
  );
}
