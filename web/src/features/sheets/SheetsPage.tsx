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

import { MESSAGES } from "./messages.ts";
import { RunsTable } from "./RunsTable.tsx";
import "./sheets.css";

const EVERY_MS = 2000;
const KINDS = ["reconcile", "backfill", "adopt"] as const;

type Kind = (typeof KINDS)[number];
type Connection = AnswerOf<"post", "/admin/sheets/check">;

function Check(): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const api = useApi();
  const [found, setFound] = useState<Connection | null>(null);
  const check = useAction(() => api.request("post", "/admin/sheets/check"), setFound);
  return (
    <section className="card sheet-check">
      <Button disabled={check.running} onClick={check.run}>
        {t("check")}
      </Button>
      <div role="status">
        {found && !check.running && (
          <p className={found.ok ? "notice" : "notice notice--wrong"}>
            {found.ok
              ? t("check.ok", { tab: found.tab, rows: number(found.rows ?? 0) })
              : t("check.bad", { problem: found.problem ?? "" })}
          </p>
        )}
      </div>
      <Problem reason={check.failure} />
    </section>
  );
}

function StartDialog({
  kind,
  onClose,
  onStarted,
}: {
  kind: Kind;
  onClose: () => void;
  onStarted: () => void;
}): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const start = useAction(() => api.request("post", `/admin/sheets/${kind}`), onStarted);
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
  const [kind, setKind] = useState<Kind | null>(null);
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/sheets/runs", { signal }),
    [api],
  );
  const runs = useResource(load, { everyMs: EVERY_MS });
  useTitle(t("title"));
  return (
    <>
      <Heading
        title={t("title")}
        actions={KINDS.map((one) => (
          <Button
            key={one}
            onClick={() => {
              setKind(one);
            }}
          >
            {t(one)}
          </Button>
        ))}
      >
        {t("lead")}
      </Heading>
      <Check />
      <h2>{t("runs")}</h2>
      <Loadable resource={runs}>{({ items }) => <RunsTable runs={items} />}</Loadable>
      {kind && (
        <StartDialog
          kind={kind}
          onClose={() => {
            setKind(null);
          }}
          onStarted={() => {
            setKind(null);
            runs.reload();
          }}
        />
      )}
    </>
  );
}
