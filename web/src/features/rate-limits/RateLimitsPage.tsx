// Who reaches limits, and where.
import type { ReactElement } from "react";
import { useCallback } from "react";
import { useSearchParams } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import type { AnswerOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { Heading } from "@/shared/ui/Heading";
import { Share } from "@/shared/ui/Share";
import { Empty, Loadable } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";
import "./rate-limits.css";

const EVERY_MS = 5000;

type Violations = AnswerOf<"get", "/admin/rate-limits/dashboard">;

function OfClient({ ip, onClose }: { ip: string; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time, number } = useI18n();
  const api = useApi();
  const load = useCallback(
    (signal: AbortSignal) =>
      api.request("get", "/admin/rate-limits/violations/{ip}", { path: { ip }, signal }),
    [api, ip],
  );
  const found = useResource(load, { everyMs: EVERY_MS });
  return (
    <Dialog title={t("of", { ip })} onClose={onClose}>
      <Loadable resource={found}>
        {({ items, count }) =>
          items.length === 0 ? (
            <Empty>{t("nothing")}</Empty>
          ) : (
            <div className="stack">
              <p>{t("of.count", { count: number(count) })}</p>
              <DataTable
                caption={t("of", { ip })}
                rows={items.map((item, place) => ({ ...item, place }))}
                rowKey={({ place }) => String(place)}
                columns={[
                  { name: "at", heading: t("at"), cell: ({ at }) => time(at) },
                  { name: "path", heading: t("path"), cell: ({ path }) => <code>{path}</code> },
                ]}
              />
            </div>
          )
        }
      </Loadable>
    </Dialog>
  );
}

/** A number of refusals, and beside it what part of the worst that is. */
function Refused({ count, worst }: { count: number; worst: number }): ReactElement {
  const { number } = useI18n();
  return (
    <span className="refused">
      {number(count)} <Share part={count} whole={worst} />
    </span>
  );
}

function Tables({ found, show }: { found: Violations; show: (ip: string) => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  if (found.endpoints.length === 0 && found.topIps.length === 0) return <Empty>{t("none")}</Empty>;
  const worstOf = (rows: { count: number }[]): number => Math.max(...rows.map(({ count }) => count));
  const endpoint = worstOf(found.endpoints);
  const client = worstOf(found.topIps);
  return (
    <div className="refusals">
      <section className="stack">
        <h2>{t("endpoints")}</h2>
        <DataTable
          caption={t("endpoints")}
          rows={found.endpoints}
          rowKey={({ path }) => path}
          columns={[
            { name: "path", heading: t("path"), cell: ({ path }) => <code>{path}</code> },
            {
              name: "count",
              heading: t("count"),
              cell: ({ count }) => <Refused count={count} worst={endpoint} />,
            },
            { name: "ips", heading: t("ips"), numeric: true, cell: ({ uniqueIps }) => number(uniqueIps) },
          ]}
        />
      </section>
      <section className="stack">
        <h2>{t("clients")}</h2>
        <DataTable
          caption={t("clients")}
          rows={found.topIps}
          rowKey={({ ip }) => ip}
          columns={[
            { name: "ip", heading: t("ip"), cell: ({ ip }) => <code>{ip}</code> },
            {
              name: "count",
              heading: t("count"),
              cell: ({ count }) => <Refused count={count} worst={client} />,
            },
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
      </section>
    </div>
  );
}

export default function RateLimitsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  const ip = search.get("ip");
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
      <Loadable resource={violations}>
        {(found) => (
          <Tables
            found={found}
            show={(chosen) => {
              setSearch({ ip: chosen });
            }}
          />
        )}
      </Loadable>
      {ip !== null && (
        <OfClient
          ip={ip}
          onClose={() => {
            setSearch({});
          }}
        />
      )}
    </>
  );
}
