// The jobs of one queue that failed for good: listed, looked at, tried again.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { Link } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { usePaged } from "@/shared/hooks/usePaged";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

type Letter = ItemOf<"/admin/queues/{queue}/dead-letters">;
export type QueueName = "email" | "sync" | "notification";
type Open = { dialog: "inspect" | "redrive"; letter: Letter } | { dialog: "all" };

function Inspection({ letter, onClose }: { letter: Letter; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const facts: [string, string][] = [
    [t("type"), letter.type],
    [t("reason"), letter.reason ?? "–"],
    [t("attempts"), String(letter.attempts)],
    [t("at"), time(letter.failedAt)],
    [t("correlation"), letter.correlationId],
    [t("subject"), letter.payload.subjectId],
    [t("recipient"), letter.payload.recipientId ?? "–"],
  ];
  return (
    <Dialog title={letter.type} onClose={onClose}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {letter.payload.subjectId && (
        <p>
          <Link href={`/admin/leads/${letter.payload.subjectId}`}>{t("lead_link")}</Link>
        </p>
      )}
    </Dialog>
  );
}

interface DeadLettersProps {
  queue: QueueName;
  /** What a person calls the queue. */
  name: string;
  onRedriven: () => void;
}

export function DeadLetters({ queue, name, onRedriven }: DeadLettersProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const [open, setOpen] = useState<Open | null>(null);
  const [told, setTold] = useState("");
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/queues/{queue}/dead-letters", { path: { queue }, query: { cursor }, signal }),
    [api, queue],
  );
  const letters = usePaged<Letter>(load);
  const close = (): void => {
    setOpen(null);
  };
  const redriven = (sentence: string): void => {
    close();
    setTold(sentence);
    letters.reload();
    onRedriven();
  };
  const jobId = open?.dialog === "redrive" ? open.letter.jobId : "";
  const one = useAction(
    () =>
      api.request("post", "/admin/queues/{queue}/dead-letters/{jobId}/redrive", { path: { queue, jobId } }),
    () => {
      redriven(t("redriven.one"));
    },
  );
  const all = useAction(
    () => api.request("post", "/admin/queues/{queue}/redrive-all", { path: { queue } }),
    ({ redriven: count, remaining }) => {
      redriven(t("redriven.all", { count, left: remaining }));
    },
  );
  return (
    <section className="stack" aria-labelledby={`letters-${queue}`}>
      <div className="heading">
        <h2 id={`letters-${queue}`}>{t("letters.of", { queue: name })}</h2>
        {letters.items.length > 1 && (
          <Button
            onClick={() => {
              setOpen({ dialog: "all" });
            }}
          >
            {t("all")}
          </Button>
        )}
      </div>
      <p role="status" className={told ? "notice" : "hidden"}>
        {told}
      </p>
      <Loadable resource={letters}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("letters.none")}</Empty>
          ) : (
            <>
              <DataTable<Letter>
                caption={t("letters.of", { queue: name })}
                rows={items}
                rowKey={(letter) => letter.jobId}
                columns={[
                  { name: "type", heading: t("type"), cell: ({ type }) => <code>{type}</code> },
                  { name: "reason", heading: t("reason"), cell: ({ reason }) => reason ?? "–" },
                  { name: "at", heading: t("at"), cell: ({ failedAt }) => time(failedAt) },
                  { name: "attempts", heading: t("attempts"), numeric: true, cell: ({ attempts }) => attempts },
                  {
                    name: "actions",
                    heading: t("redrive"),
                    cell: (letter) => (
                      <span className="actions">
                        {(["inspect", "redrive"] as const).map((dialog) => (
                          <Button
                            key={dialog}
                            className="button--small"
                            aria-label={`${t(dialog)}: ${letter.type}, ${time(letter.failedAt)}`}
                            onClick={() => {
                              setOpen({ dialog, letter });
                            }}
                          >
                            {t(dialog)}
                          </Button>
                        ))}
                      </span>
                    ),
                  },
                ]}
              />
              <MorePages paged={letters} />
            </>
          )
        }
      </Loadable>
      {open?.dialog === "inspect" && <Inspection letter={open.letter} onClose={close} />}
      {open?.dialog === "redrive" && (
        <ConfirmDialog title={t("redrive")} confirm={t("redrive")} action={one} onClose={close}>
          <p>{t("redrive.text")}</p>
        </ConfirmDialog>
      )}
      {open?.dialog === "all" && (
        <ConfirmDialog title={t("all")} confirm={t("all")} action={all} onClose={close}>
          <p>{t("all.text")}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
