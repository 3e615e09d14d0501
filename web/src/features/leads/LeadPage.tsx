// One lead: who it is, what was asked for, what staff did, and what became of it on its way.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { Link } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { LEAD_WORDS, STATUS_TONES } from "@/shared/lead/statuses";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Heading } from "@/shared/ui/Heading";
import { Loadable } from "@/shared/ui/states";

import { EraseDialog } from "./EraseDialog.tsx";
import { Consent, Facts, Origin, Related, Submissions } from "./Facts.tsx";
import { JudgeDialog } from "./JudgeDialog.tsx";
import type { Lead } from "./lead.ts";
import { MergeDialog } from "./MergeDialog.tsx";
import { MESSAGES } from "./messages.ts";
import { Story } from "./Story.tsx";
import type { Staff } from "./useStaff.ts";
import { useStaff } from "./useStaff.ts";
import { History, Notes, WorkForm } from "./Work.tsx";

const EVERY_MS = 15_000;

type Asked = "release" | "reject" | "merge" | "erase";

/** What can be asked of the lead in its state, beside the form. */
function asksOf(lead: Lead): Asked[] {
  if (lead.erasedAt !== null) return [];
  if (lead.status === "QUARANTINED") return ["release", "reject", "erase"];
  return lead.status === "SPAM" ? ["erase"] : ["merge", "erase"];
}

function Asking({
  asked,
  lead,
  onClose,
  onDone,
}: {
  asked: Asked;
  lead: Lead;
  onClose: () => void;
  onDone: () => void;
}): ReactElement {
  if (asked === "merge") return <MergeDialog lead={lead} onClose={onClose} onMerged={onDone} />;
  if (asked === "erase") return <EraseDialog lead={lead} onClose={onClose} onErased={onDone} />;
  return <JudgeDialog lead={lead} verdict={asked} onClose={onClose} onJudged={onDone} />;
}

function Found({
  lead,
  staff,
  round,
  reload,
}: {
  lead: Lead;
  staff: Staff;
  round: number;
  reload: () => void;
}): ReactElement {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { time } = useI18n();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => {
    setAsked(null);
  };
  const name = lead.name ?? t("erased");
  useTitle(name);
  return (
    <>
      <Heading
        title={name}
        actions={asksOf(lead).map((one) => (
          <Button
            key={one}
            kind={one === "release" ? "primary" : "quiet"}
            onClick={() => {
              setAsked(one);
            }}
          >
            {t(one)}
          </Button>
        ))}
      >
        <Badge tone={STATUS_TONES[lead.status]}>{word(lead.status)}</Badge> {word(lead.source)} ·{" "}
        {time(lead.createdAt)}
      </Heading>
      {lead.erasedAt !== null && <p className="notice">{t("erased.at", { time: time(lead.erasedAt) })}</p>}
      {lead.status === "QUARANTINED" && <p className="notice">{t("held")}</p>}
      <div className="lead">
        <Facts lead={lead} staff={staff} />
        <div className="lead__side">
          {lead.erasedAt === null && <WorkForm lead={lead} staff={staff} onChanged={reload} />}
          <Notes lead={lead} />
          <History lead={lead} />
          <Related lead={lead} />
        </div>
        <div className="lead__main">
          <Submissions lead={lead} />
          <Story id={lead.id} round={round} staff={staff} />
          <Origin lead={lead} />
          <Consent lead={lead} />
        </div>
      </div>
      {asked && (
        <Asking
          asked={asked}
          lead={lead}
          onClose={close}
          onDone={() => {
            close();
            reload();
          }}
        />
      )}
    </>
  );
}

export function LeadPage({ id }: { id: string }): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const staff = useStaff();
  const [round, setRound] = useState(0);
  const load = useCallback(
    (signal: AbortSignal) => api.request("get", "/admin/leads/{id}", { path: { id }, signal }),
    [api, id],
  );
  const lead = useResource(load, { everyMs: EVERY_MS });
  return (
    <>
      <p>
        <Link href="/admin/leads">← {t("title")}</Link>
      </p>
      <Loadable resource={lead} lines={10}>
        {(found) => (
          <Found
            lead={found}
            staff={staff}
            round={round}
            reload={() => {
              setRound((before) => before + 1);
              lead.reload();
            }}
          />
        )}
      </Loadable>
    </>
  );
}
