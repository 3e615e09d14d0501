// The runs over the sheet, the latest first; one that is under way moves by itself.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { Empty, Loadable } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

/** What a run waits for, by how the API's reason begins. */
const WAITS: [string, "wait.away" | "wait.quota" | "wait.busy"][] = [
  ["SERVICE_UNAVAILABLE", "wait.away"],
  ["no answer", "wait.away"],
  ["throttled", "wait.quota"],
  ["LOCK_TIMEOUT", "wait.busy"],
  ["FENCE_LOST", "wait.busy"],
];

type Run = ItemOf<"/admin/sheets/runs">;

const TONES: Record<Run["state"], Tone> = {
  queued: "neutral",
  running: "accent",
  done: "good",
  failed: "wrong",
};
const MOVING: ReadonlySet<Run["state"]> = new Set<Run["state"]>(["queued", "running"]);
const COUNTED = ["missing", "foreign", "moved", "doubled", "refused"] as const;

function Findings({ run, onClose }: { run: Run; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/sheets/runs/{id}", { path: { id: run.id }, signal }),
    [api, run.id],
  );
  const detail = useResource(load);
  return (
    <Dialog title={t("findings")} onClose={onClose}>
      <Loadable resource={detail}>
        {({ findings }) => (
          <DataTable
            caption={t("findings")}
            rows={findings.map((finding, place) => ({ ...finding, place }))}
            rowKey={({ place }) => String(place)}
            columns={[
              { name: "row", heading: t("row"), cell: ({ rowNumber }) => rowNumber ?? "–", numeric: true },
              { name: "finding", heading: t("found"), cell: ({ finding }) => t(`finding.${finding}`) },
              { name: "lead", heading: t("lead_id"), cell: ({ leadId }) => <code>{leadId ?? "–"}</code> },
            ]}
          />
        )}
      </Loadable>
    </Dialog>
  );
}

function Progress({ run }: { run: Run }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const text = t("of", { done: number(run.done), total: number(run.total) });
  return (
    <span className="run__progress">
      <progress
        aria-label={t("progress.of", { kind: t(run.kind) })}
        max={Math.max(1, run.total)}
        value={run.state === "done" ? Math.max(1, run.total) : run.done}
      />
      <span>{text}</span>
    </span>
  );
}

export function RunsTable({ runs }: { runs: Run[] }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const [open, setOpen] = useState<Run | null>(null);
  if (runs.length === 0) return <Empty>{t("none")}</Empty>;
  const waitOf = (reason: string | null): string | null => {
    if (reason === null) return null;
    const known = WAITS.find(([start]) => reason.startsWith(start));
    return known ? t(known[1]) : t("wait.other", { reason });
  };
  const found = (run: Run): ReactElement => {
    const told = COUNTED.filter((name) => run[name] > 0).map((name) => t(name, { count: run[name] }));
    if (run.state === "failed") return <>{waitOf(run.reason) ?? run.reason}</>;
    if (told.length === 0) return <>{run.state === "done" ? t("clean") : "–"}</>;
    return (
      <>
        {told.join(", ")}{" "}
        <Button
          className="button--small"
          onClick={() => {
            setOpen(run);
          }}
        >
          {t("show")}
        </Button>
      </>
    );
  };
  return (
    <>
      <DataTable<Run>
        caption={t("runs")}
        rows={runs}
        rowKey={({ id }) => id}
        columns={[
          { name: "kind", heading: t("kind"), cell: ({ kind }) => t(kind) },
          {
            name: "state",
            heading: t("state"),
            cell: ({ state, reason }) => (
              <>
                <Badge tone={TONES[state]}>{t(state)}</Badge>
                {MOVING.has(state) && reason !== null && <p className="field__hint">{waitOf(reason)}</p>}
              </>
            ),
          },
          { name: "progress", heading: t("progress"), cell: (run) => <Progress run={run} /> },
          { name: "found", heading: t("found"), cell: found },
          { name: "at", heading: t("at"), cell: ({ createdAt }) => time(createdAt) },
        ]}
      />
      {open && (
        <Findings
          run={open}
          onClose={() => {
            setOpen(null);
          }}
        />
      )}
    </>
  );
}
