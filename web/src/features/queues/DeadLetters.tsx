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
import { useToast } from "@/shared/ui/Toast";

import { isNamed, MESSAGES, OF_A_LEAD } from "./messages.ts";

type Letter = ItemOf<"/admin/queues/{queue}/dead-letters">;
export type QueueName = "email" | "sync" | "notification";
type Open = { dialog: "inspect" | "redrive"; letter: Letter } | { dialog: "all" };

/** What a job of *type* does, in words; a type that is newer than this page by its own name. */
function useNameOf(): (type: string) => string {
  const t = useMessages(MESSAGES);
  return (type) => (isNamed(type) ? t(`type.${type}`) : type);
}

function Inspection({ letter, onClose }: { letter: Letter; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const nameOf = useNameOf();
  const { subjectId, recipientId, epoch } = letter.payload;
  const facts: [string, string][] = [
    [t("type"), letter.type],
    [t("reason"), letter.reason ?? "–"],
    [t("attempts"), String(letter.attempts)],
    [t("at"), time(letter.failedAt)],
    [t("subject"), subjectId],
    [t("recipient"), recipientId ?? "–"],
    [t("epoch"), String(epoch)],
    [t("correlation"), letter.correlationId],
    [t("job"), letter.jobId],
  ];
  return (
    <Dialog title={nameOf(letter.type)} onClose={onClose}>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {OF_A_LEAD.has(letter.type) && (
        <p className="letter__lead">
          <Link href={`/admin/leads/${subjectId}`}>{t("lead_link")}</Link>
        </p>
      )}
    </Dialog>
  );
}

interface DeadLettersProps {
  queue: QueueName;
  /** What a person calls the queue. */
  name: string;
  /** How many the queue has at the moment. */
  dead: number;
  onRedriven: () => void;
}

export function DeadLetters({ queue, name, dead, onRedriven }: DeadLettersProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { time, number } = useI18n();
  const api = useApi();
  const toast = useToast();
  const nameOf = useNameOf();
  const [open, setOpen] = useState<Open | null>(null);
  // The list stays as it is read; that more have come is said, and they are listed when told.
  const [known, setKnown] = useState(dead);
  if (dead < known) setKnown(dead);
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/queues/{queue}/dead-letters", {
        path: { queue },
        query: { cursor },
        signal,
      }),
    [api, queue],
  );
  const letters = usePaged<Letter>(load);
  const close = (): void => {
    setOpen(null);
  };
  const listAnew = (): void => {
    setKnown(dead);
    letters.reload();
  };
  const redriven = (sentence: string): void => {
    close();
    toast(sentence);
    listAnew();
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
      redriven(t(remaining > 0 ? "redriven.some" : "redriven.all", { count, left: remaining }));
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
      <p role="status" className={dead > known ? "notice actions" : "hidden"}>
        {dead > known && (
          <>
            {t("letters.more", { count: number(dead - known) })}{" "}
            <Button className="button--small" onClick={listAnew}>
              {t("letters.again")}
            </Button>
          </>
        )}
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
                  { name: "type", heading: t("type"), cell: ({ type }) => nameOf(type) },
                  { name: "reason", heading: t("reason"), cell: ({ reason }) => reason ?? "–" },
                  { name: "at", heading: t("at"), cell: ({ failedAt }) => time(failedAt) },
                  {
                    name: "attempts",
                    heading: t("attempts"),
                    numeric: true,
                    cell: ({ attempts }) => attempts,
                  },
                  {
                    name: "actions",
                    heading: t("redrive"),
                    actions: true,
                    cell: (letter) => (
                      <span className="actions">
                        {(["inspect", "redrive"] as const).map((dialog) => (
                          <Button
                            key={dialog}
                            className="button--small"
                            aria-label={`${t(dialog)}: ${nameOf(letter.type)}, ${time(letter.failedAt)}`}
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
          <p>
            <strong>{nameOf(open.letter.type)}</strong>: {open.letter.reason}
          </p>
          <p>{t("redrive.text")}</p>
        </ConfirmDialog>
      )}
      {open?.dialog === "all" && (
        <ConfirmDialog title={t("all")} confirm={t("all")} action={all} onClose={close}>
          <p>{t("all.text", { count: number(dead) })}</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
