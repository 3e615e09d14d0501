// The leads that the filters leave, the latest first; those in quarantine with the two ways out of it.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { Link } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { usePaged } from "@/shared/hooks/usePaged";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import type { LeadRow, Source, Status } from "@/shared/lead/statuses";
import { LEAD_WORDS, STATUS_TONES } from "@/shared/lead/statuses";
import type { Column } from "@/shared/ui/DataTable";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable } from "@/shared/ui/states";

import { ExportButton } from "./ExportButton.tsx";
import { FilterBar, useFilters } from "./Filters.tsx";
import type { Verdict } from "./JudgeDialog.tsx";
import { JudgeDialog } from "./JudgeDialog.tsx";
import { MESSAGES } from "./messages.ts";
import { useStaff } from "./useStaff.ts";

const COUNT_EVERY_MS = 30_000;

/** The way to all leads and to those in quarantine, with how many wait there. */
function Views({ status, judged }: { status: string; judged: number }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const api = useApi();
  const load = useCallback(
    async (signal: AbortSignal) => ({ judged, ...(await api.request("get", "/admin/overview", { signal })) }),
    [api, judged],
  );
  const { state } = useResource(load, { everyMs: COUNT_EVERY_MS });
  const held = state.status === "ready" ? state.data.open.quarantined : 0;
  const isQuarantine = status === "QUARANTINED";
  return (
    <nav className="leads-views" aria-label={t("views")}>
      <Link href="/admin/leads" aria-current={isQuarantine ? undefined : "page"}>
        {t("view.all")}
      </Link>
      <Link href="/admin/leads?status=QUARANTINED" aria-current={isQuarantine ? "page" : undefined}>
        {t("view.quarantine")} {held > 0 && <Badge tone="warning">{number(held)}</Badge>}
      </Link>
    </nav>
  );
}

function columnsOf(
  t: ReturnType<typeof useMessages<keyof (typeof MESSAGES)["en"]>>,
  word: (key: Status | Source) => string,
  { time, number }: ReturnType<typeof useI18n>,
  nameOf: (id: string) => string,
): Column<LeadRow>[] {
  return [
    {
      name: "name",
      heading: t("person"),
      cell: ({ id, name, phone, email }) => (
        <span className="leads-person">
          <Link href={`/admin/leads/${id}`}>{name ?? t("erased")}</Link>
          {phone !== null && <a href={`tel:${phone}`}>{phone}</a>}
          {email !== null && <span className="leads-soft">{email}</span>}
        </span>
      ),
    },
    {
      name: "status",
      heading: t("status"),
      cell: ({ status }) => <Badge tone={STATUS_TONES[status]}>{word(status)}</Badge>,
    },
    { name: "source", heading: t("source"), cell: ({ source }) => word(source) },
    {
      name: "count",
      heading: t("submissions"),
      numeric: true,
      cell: ({ submissionCount }) => number(submissionCount),
    },
    {
      name: "assigned",
      heading: t("assignedTo"),
      cell: ({ assignedTo }) => (assignedTo === null ? t("nobody") : nameOf(assignedTo)),
    },
    { name: "created", heading: t("created"), cell: ({ createdAt }) => time(createdAt) },
  ];
}

export function LeadList(): ReactElement {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const i18n = useI18n();
  const api = useApi();
  const { nameOf } = useStaff();
  const [filters] = useFilters();
  const [asked, setAsked] = useState<{ lead: LeadRow; verdict: Verdict } | null>(null);
  const [judged, setJudged] = useState(0);
  const { search, status, source, assignedTo } = filters;
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/leads", {
        // A filter that somebody wrote into the address by hand is judged by the API.
        query: { search, status: status as Status, source: source as Source, assignedTo, cursor },
        signal,
      }),
    [api, search, status, source, assignedTo],
  );
  const leads = usePaged<LeadRow>(load);
  const isQuarantine = status === "QUARANTINED";
  useTitle(t(isQuarantine ? "view.quarantine" : "title"));
  const judge: Column<LeadRow> = {
    name: "judge",
    heading: t("judge"),
    cell: (lead) => (
      <span className="actions">
        {(["release", "reject"] as const).map((verdict) => (
          <Button
            key={verdict}
            className="button--small"
            aria-label={`${t(verdict)}: ${lead.name ?? ""}`}
            onClick={() => {
              setAsked({ lead, verdict });
            }}
          >
            {t(verdict)}
          </Button>
        ))}
      </span>
    ),
  };
  const columns = columnsOf(t, word, i18n, nameOf);
  return (
    <>
      <Heading title={t("title")} actions={<ExportButton filters={filters} />}>
        {t(isQuarantine ? "quarantine.lead" : "lead")}
      </Heading>
      <Views status={status} judged={judged} />
      <FilterBar />
      <Loadable resource={leads} lines={8}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t(isQuarantine && !search ? "quarantine.none" : "none")}</Empty>
          ) : (
            <>
              <DataTable<LeadRow>
                caption={t(isQuarantine ? "view.quarantine" : "title")}
                rows={items}
                rowKey={({ id }) => id}
                columns={isQuarantine ? [...columns, judge] : columns}
              />
              <MorePages paged={leads} />
            </>
          )
        }
      </Loadable>
      {asked && (
        <JudgeDialog
          {...asked}
          onClose={() => {
            setAsked(null);
          }}
          onJudged={() => {
            setAsked(null);
            setJudged((count) => count + 1);
            leads.reload();
          }}
        />
      )}
    </>
  );
}
