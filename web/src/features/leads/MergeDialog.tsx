// Two leads that are one: the other is searched, both are shown, then it joins this one.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useDebounce } from "@/shared/hooks/useDebounce";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { LeadRow } from "@/shared/lead/statuses";
import { LEAD_WORDS, STATUS_TONES } from "@/shared/lead/statuses";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Empty, Loadable, Problem } from "@/shared/ui/states";

import type { Lead } from "./lead.ts";
import { MESSAGES } from "./messages.ts";

const SEARCH_AFTER_MS = 500;
const SHOWN_AT_MOST = 8;

function Short({ lead }: { lead: LeadRow }): ReactElement {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { time } = useI18n();
  return (
    <span className="leads-person">
      <strong>{lead.name ?? t("erased")}</strong>
      <span>
        {lead.phone} <Badge tone={STATUS_TONES[lead.status]}>{word(lead.status)}</Badge>
      </span>
      <span className="leads-soft">
        {word(lead.source)} · {time(lead.createdAt)}
      </span>
    </span>
  );
}

interface MergeDialogProps {
  lead: Lead;
  onClose: () => void;
  onMerged: () => void;
}

export function MergeDialog({ lead, onClose, onMerged }: MergeDialogProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { t: shared } = useI18n();
  const api = useApi();
  const [text, setText] = useState(lead.phone ?? "");
  const [other, setOther] = useState<LeadRow | null>(null);
  const { value: search } = useDebounce(text.trim(), SEARCH_AFTER_MS);
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/leads", { query: { search }, signal }),
    [api, search],
  );
  const found = useResource(load);
  const merge = useAction(
    (otherId: string) =>
      api.request("post", "/admin/leads/{id}/merge", { path: { id: lead.id }, body: { otherId } }),
    onMerged,
  );
  if (other) {
    return (
      <Dialog title={t("merge.confirm")} onClose={onClose}>
        <div className="stack">
          <p className="leads-soft">{t("merge.joins")}</p>
          <div className="card">
            <Short lead={other} />
          </div>
          <p className="leads-soft">{t("merge.into")}</p>
          <div className="card">
            <Short lead={lead} />
          </div>
          <p>{t("merge.text")}</p>
          <Problem reason={merge.failure} />
          <div className="actions">
            <Button
              kind="primary"
              disabled={merge.running}
              onClick={() => {
                merge.run(other.id);
              }}
            >
              {t("merge.confirm")}
            </Button>
            <Button
              onClick={() => {
                merge.reset();
                setOther(null);
              }}
            >
              {shared("form.cancel")}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("merge")} onClose={onClose}>
      <div className="stack">
        <Field name="other" label={t("merge.other")} hint={t("search.hint")}>
          {(control) => (
            <input
              {...control}
              className="control"
              type="search"
              autoComplete="off"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          )}
        </Field>
        <Loadable resource={found}>
          {({ items }) => {
            const others = items.filter((one) => one.id !== lead.id).slice(0, SHOWN_AT_MOST);
            if (others.length === 0) return <Empty>{t("merge.none")}</Empty>;
            return (
              <ul className="notes">
                {others.map((one) => (
                  <li key={one.id} className="lead-choice">
                    <Short lead={one} />
                    <Button
                      className="button--small"
                      aria-label={`${t("choose")}: ${one.name ?? t("erased")}`}
                      onClick={() => {
                        setOther(one);
                      }}
                    >
                      {t("choose")}
                    </Button>
                  </li>
                ))}
              </ul>
            );
          }}
        </Loadable>
      </div>
    </Dialog>
  );
}
