// Whether what stands behind the leads works: queues, circuits, the latest alerts.
import type { ReactElement } from "react";
import { Link } from "wouter";

import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";

import { MESSAGES } from "./messages.ts";
import type { Overview } from "./overview.ts";

const HEALTH: Record<Overview["queues"][number]["health"], Tone> = {
  healthy: "good",
  warning: "warning",
  critical: "wrong",
};
const CIRCUIT: Record<Overview["circuits"][number]["state"], Tone> = {
  closed: "good",
  half_open: "warning",
  open: "wrong",
};
const ALERTS_SHOWN = 3;

function Queues({ queues }: { queues: Overview["queues"] }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  return (
    <section className="card machine">
      <h2>
        <Link href="/admin/queues">{t("queues")}</Link>
      </h2>
      <ul className="notes">
        {queues.map(({ name, health, depth, dead, worker }) => (
          <li key={name} className="machine__line">
            <span>
              {name} <Badge tone={HEALTH[health]}>{t(health)}</Badge>
            </span>
            <span className="figure__more">
              {t("depth", { depth: number(depth) })}
              {dead > 0 && ` · ${t("dead", { dead: number(dead) })}`}
              {worker === "unavailable" && ` · ${t("unavailable")}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Circuits({ circuits }: { circuits: Overview["circuits"] }): ReactElement {
  const t = useMessages(MESSAGES);
  return (
    <section className="card machine">
      <h2>
        <Link href="/admin/circuits">{t("circuits")}</Link>
      </h2>
      {circuits.length === 0 ? (
        <p className="figure__more">{t("circuits.none")}</p>
      ) : (
        <ul className="notes">
          {circuits.map(({ service, state }) => (
            <li key={service} className="machine__line">
              <span>{service}</span> <Badge tone={CIRCUIT[state]}>{t(state)}</Badge>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Alerts({ alerts }: { alerts: Overview["alerts"] }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  return (
    <section className="card machine">
      <h2>
        <Link href="/admin/alerts">{t("alerts")}</Link>
      </h2>
      {alerts.length === 0 ? (
        <p className="figure__more">{t("alerts.none")}</p>
      ) : (
        <ul className="notes">
          {alerts.slice(0, ALERTS_SHOWN).map(({ at, kind, subject, body }) => (
            <li key={`${at} ${kind} ${subject}`} className="notes__item">
              <span>{body}</span>
              <span className="figure__more">{time(at)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function Machinery({ overview }: { overview: Overview }): ReactElement {
  return (
    <div className="machines">
      <Queues queues={overview.queues} />
      <Circuits circuits={overview.circuits} />
      <Alerts alerts={overview.alerts} />
    </div>
  );
}
