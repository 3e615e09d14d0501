// What one has been told, the latest first, and what of it is still unread.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { Link } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { usePaged } from "@/shared/hooks/usePaged";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable, Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

type Note = ItemOf<"/me/notifications">;

export function Notifications({ isStaff }: { isStaff: boolean }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const [readHere, setReadHere] = useState<ReadonlySet<string>>(new Set());
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/me/notifications", { query: { cursor }, signal }),
    [api],
  );
  const notes = usePaged<Note>(load);
  const read = useAction(
    async (id: string) => {
      await api.request("post", "/me/notifications/{id}/read", { path: { id } });
      return id;
    },
    (id) => {
      setReadHere((before) => new Set(before).add(id));
    },
  );
  const isUnread = ({ id, readAt }: Note): boolean => readAt === null && !readHere.has(id);
  const unread = notes.items.filter(isUnread).length;
  return (
    <section className="card stack" aria-labelledby="notifications">
      <h2 id="notifications">
        {t("notifications")} {unread > 0 && <Badge tone="accent">{t("unread", { count: unread })}</Badge>}
      </h2>
      <Problem reason={read.failure} />
      <Loadable resource={notes}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <>
              <ul className="notes">
                {items.map((note) => (
                  <li key={note.id} className="notes__item">
                    <p className="notes__title">
                      {note.title} {isUnread(note) && <Badge tone="accent">{t("new")}</Badge>}
                    </p>
                    <p>{note.content}</p>
                    <p className="field__hint">{time(note.createdAt)}</p>
                    <span className="actions">
                      {isStaff && note.leadId && <Link href={`/admin/leads/${note.leadId}`}>{t("lead")}</Link>}
                      {isUnread(note) && (
                        <Button
                          className="button--small"
                          disabled={read.running}
                          onClick={() => {
                            read.run(note.id);
                          }}
                        >
                          {t("read")}
                        </Button>
                      )}
                    </span>
                  </li>
                ))}
              </ul>
              <MorePages paged={notes} />
            </>
          )
        }
      </Loadable>
    </section>
  );
}
