// How it goes, at a glance: what waits for staff, the last thirty days, and the machinery behind.
import type { ReactElement, ReactNode } from "react";
import { useCallback } from "react";
import { Link } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { SOURCES } from "@/shared/lead/statuses";
import { Badge } from "@/shared/ui/Badge";
import { Heading } from "@/shared/ui/Heading";
import { Loadable } from "@/shared/ui/states";

import { DaysChart } from "./DaysChart.tsx";
import { Machinery } from "./Machinery.tsx";
import { MESSAGES } from "./messages.ts";
import type { Overview } from "./overview.ts";
import "./overview.css";

const EVERY_MS = 10_000;
const COUNTED_TO = 10_000;

interface FigureProps {
  name: string;
  value: string;
  href?: string;
  children?: ReactNode;
}

function Figure({ name, value, href, children }: FigureProps): ReactElement {
  return (
    <div className="card figure">
      <dt>{href === undefined ? name : <Link href={href}>{name}</Link>}</dt>
      <dd>
        <span className="figure__value">{value}</span>
        {children !== undefined && <span className="figure__more">{children}</span>}
      </dd>
    </div>
  );
}

/** How long, in the unit that is read at a glance. */
function useDuration(): (seconds: number | null) => string {
  const { number } = useI18n();
  return (seconds) => {
    if (seconds === null) return "–";
    const [value, unit] =
      seconds < 90
        ? [seconds, "second"]
        : seconds < 5400
          ? [seconds / 60, "minute"]
          : seconds < 129_600
            ? [seconds / 3600, "hour"]
            : [seconds / 86_400, "day"];
    return number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 });
  };
}

function Figures({ overview }: { overview: Overview }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const duration = useDuration();
  const { open, firstContact, conversion } = overview;
  const counted = (count: number): string => number(count) + (count >= COUNTED_TO ? "+" : "");
  const share = (value: number | null): string =>
    value === null ? "–" : number(value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <>
      <section>
        <h2>{t("now")}</h2>
        <dl className="figures">
          <Figure name={t("new")} value={counted(open.new)} href="/admin/leads?status=NEW" />
          <Figure name={t("unassigned")} value={counted(open.unassigned)} />
          <Figure name={t("quarantined")} value={counted(open.quarantined)} href="/admin/leads?status=QUARANTINED">
            {open.quarantined > 0 && <Badge tone="warning">{t("decide")}</Badge>}
          </Figure>
        </dl>
      </section>
      <section>
        <h2>{t("month")}</h2>
        <dl className="figures">
          <Figure name={t("firstContact")} value={duration(firstContact.medianS)}>
            {t(firstContact.contacted === 0 ? "firstContact.none" : "firstContact.more", {
              p90: duration(firstContact.p90S),
              contacted: number(firstContact.contacted),
              leads: number(firstContact.leads),
            })}
          </Figure>
          <Figure name={t("within5")} value={share(firstContact.shareWithin5Min)} />
          <Figure name={t("conversion")} value={share(conversion.share)}>
            {t("conversion.more", {
              converted: number(conversion.converted),
              leads: number(conversion.leads),
            })}
          </Figure>
        </dl>
      </section>
    </>
  );
}

export default function OverviewPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/overview", { signal }), [api]);
  const overview = useResource(load, { everyMs: EVERY_MS });
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Loadable resource={overview} lines={12}>
        {(data) => (
          <>
            <Figures overview={data} />
            <DaysChart days={data.days} sources={SOURCES} />
            <Machinery overview={data} />
            <p className="figure__more">{t("at", { time: time(data.at) })}</p>
          </>
        )}
      </Loadable>
    </>
  );
}
