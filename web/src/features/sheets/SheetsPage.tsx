// The Google Sheet: its connection, and the runs that compare it and fill it anew.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { AnswerOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { Heading } from "@/shared/ui/Heading";
import { Loadable, Problem } from "@/shared/ui/states";
import { useToast } from "@/shared/ui/Toast";

import { MESSAGES } from "./messages.ts";
import { RunsTable } from "./RunsTable.tsx";
import "./sheets.css";

const EVERY_MS = 2000;
const KINDS = ["reconcile", "backfill", "adopt"] as const;

type Kind = (typeof KINDS)[number];
type Connection = AnswerOf<"post", "/admin/sheets/check">;

/** The button that asks Google now, and what it found. */
function Check(): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const api = useApi();
  const [found, setFound] = useState<Connection | null>(null);
  const check = useAction(() => api.request("post", "/admin/sheets/check"), setFound);
  return (
    <section className="card sheet-work" aria-labelledby="sheet-check">
      <h2 id="sheet-check">{t("connection")}</h2>
      <p>{t("check.text")}</p>
      <div role="status">
        {check.running && (
          <p>
            <span className="spinner" aria-hidden="true" /> {t("check.running")}
          </p>
        )}
        {found && !check.running && check.failure === null && (
          <p className={found.ok ? "notice" : "notice notice--wrong"}>
            {found.ok
              ? t("check.ok", { tab: found.tab, rows: number(found.rows ?? 0) })
              : t("check.bad", { problem: found.problem ?? "" })}
          </p>
        )}
      </div>
      <Problem reason={check.failure} />
      <Button disabled={check.running} onClick={check.run}>
        {t("check")}
      </Button>
    </section>
  );
}

/** That Google is left alone at the moment, and until when; nothing while all is well. */
function Away(): ReactElement | null {
  const t = useMessages(MESSAGES);
  const { second } = useI18n();
  const api = useApi();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/circuits", { signal }), [api]);
  const { state } = useResource(load, { everyMs: EVERY_MS });
  const circuits = state.status === "ready" ? state.data.items : [];
  const circuit = circuits.find(({ service }) => service === "google_sheets");
  const isAway = circuit !== undefined && circuit.state !== "closed";
  return (
    <p role="status" className={isAway ? "notice notice--wrong" : "hidden"}>
      {isAway &&
        (circuit.state === "open" && circuit.retryAt !== null
          ? t("away.until", { at: second(circuit.retryAt) })
          : t("away.trial"))}
    </p>
  );
}

function StartDialog({
  kind,
  onClose,
  onStarted,
}: {
  kind: Kind;
  onClose: () => void;
  onStarted: (runId: string) => void;
}): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const start = useAction(
    () => api.request("post", `/admin/sheets/${kind}`),
    ({ runId }) => {
      onStarted(runId);
    },
  );
  return (
    <ConfirmDialog title={t(kind)} confirm={t("start")} action={start} onClose={onClose}>
      <p>{t(`${kind}.text`)}</p>
      <p>{t("waits")}</p>
    </ConfirmDialog>
  );
}

export default function SheetsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const toast = useToast();
  const [kind, setKind] = useState<Kind | null>(null);
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/sheets/runs", { signal }),
    [api],
  );
  const runs = useResource(load, { everyMs: EVERY_MS });
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Away />
      <div className="sheet-works">
        <Check />
        {KINDS.map((one) => (
          <section key={one} className="card sheet-work" aria-labelledby={`sheet-${one}`}>
            <h2 id={`sheet-${one}`}>{t(one)}</h2>
            <p>{t(`${one}.text`)}</p>
            <Button
              aria-label={`${t("start")}: ${t(one)}`}
              onClick={() => {
                setKind(one);
              }}
            >
              {t("start")}
            </Button>
          </section>
        ))}
      </div>
      <h2>{t("runs")}</h2>
      <Loadable resource={runs}>{({ items }) => <RunsTable runs={items} />}</Loadable>
      {kind && (
        <StartDialog
          kind={kind}
          onClose={() => {
            setKind(null);
          }}
          onStarted={(runId) => {
            const isKnown =
              runs.state.status === "ready" && runs.state.data.items.some(({ id }) => id === runId);
            setKind(null);
            toast(t(isKnown ? "started.before" : "started"));
            runs.reload();
          }}
        />
      )}
    </>
  );
}
