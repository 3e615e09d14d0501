// Leads over time: a bar a day, piled up by form; the same as a table for whoever would rather read it.
import type { ReactElement } from "react";

import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Source } from "@/shared/lead/statuses";
import { LEAD_WORDS } from "@/shared/lead/statuses";
import { DataTable } from "@/shared/ui/DataTable";

import { barsOf } from "./chart.ts";
import { MESSAGES } from "./messages.ts";
import type { Overview } from "./overview.ts";

type Day = Overview["days"][number];

const WIDTH = 720;
const HEIGHT = 180;
const LABELLED_EVERY = 7;

export function DaysChart({ days, sources }: { days: Day[]; sources: readonly Source[] }): ReactElement {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { number, language } = useI18n();
  const date = (day: string): string =>
    new Date(`${day}T00:00:00Z`).toLocaleDateString(language === "vi" ? "vi-VN" : "en-GB", {
      day: "numeric",
      month: "short",
      timeZone: "UTC",
    });
  const { bars, ceiling } = barsOf(
    days.map(({ bySource }) => bySource),
    sources,
    { width: WIDTH, height: HEIGHT, gap: 0.25 },
  );
  const total = days.reduce((sum, { leads }) => sum + leads, 0);
  const most = days.reduce<Day | null>((best, day) => (best && best.leads >= day.leads ? best : day), null);
  const summary =
    most && total > 0
      ? t("days.summary", { total: number(total), most: number(most.leads), day: date(most.day) })
      : t("days.none");
  return (
    <section className="card days">
      <h2>{t("days")}</h2>
      <p className="figure__more">{summary}</p>
      <ul className="days__legend" aria-hidden="true">
        {sources.map((source) => (
          <li key={source} className={`days__key days__key--${source}`}>
            {word(source)}
          </li>
        ))}
      </ul>
      <svg
        className="days__chart"
        viewBox={`-28 -8 ${WIDTH + 28} ${HEIGHT + 30}`}
        role="img"
        aria-label={`${t("days")}. ${summary}`}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line
              className="days__line"
              x1={0}
              x2={WIDTH}
              y1={HEIGHT * (1 - part)}
              y2={HEIGHT * (1 - part)}
            />
            <text className="days__label" x={-6} y={HEIGHT * (1 - part) + 4} textAnchor="end">
              {number(ceiling * part)}
            </text>
          </g>
        ))}
        {bars.map(({ x, width, segments }, place) => {
          const day = days[place];
          return (
            <g key={day?.day}>
              <title>{day && `${date(day.day)}: ${number(day.leads)}`}</title>
              <rect className="days__hit" x={x} y={0} width={width} height={HEIGHT} />
              {segments.map(({ name, y, height }) => (
                <rect key={name} className={`days__bar--${name}`} x={x} y={y} width={width} height={height} />
              ))}
              {day && (bars.length - 1 - place) % LABELLED_EVERY === 0 && (
                <text className="days__label" x={x + width} y={HEIGHT + 18} textAnchor="end">
                  {date(day.day)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <details>
        <summary>{t("days.table")}</summary>
        <DataTable<Day>
          caption={t("days")}
          rows={[...days].reverse()}
          rowKey={({ day }) => day}
          columns={[
            { name: "day", heading: t("day"), cell: ({ day }) => date(day) },
            { name: "leads", heading: t("all"), numeric: true, cell: ({ leads }) => number(leads) },
            ...sources.map((source) => ({
              name: source,
              heading: word(source),
              numeric: true,
              cell: ({ bySource }: Day) => number(bySource[source] ?? 0),
            })),
          ]}
        />
      </details>
    </section>
  );
}
