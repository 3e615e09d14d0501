// What staff do with a lead: status, who has it, a note; and what they did so far.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { ApiError } from "@/shared/api/client";
import { fieldErrors } from "@/shared/api/fieldErrors";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Status } from "@/shared/lead/statuses";
import { LEAD_WORDS } from "@/shared/lead/statuses";
import { Button } from "@/shared/ui/Button";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import { Section } from "./Facts.tsx";
import type { Lead } from "./lead.ts";
import { isOvertaken, Overtaken, WAYS } from "./lead.ts";
import { MESSAGES } from "./messages.ts";
import type { Staff } from "./useStaff.ts";

const NOTE_AT_MOST = 2000;
/** In the list of staff: as it is, and nobody. */
const KEEP = "keep";
const NOBODY = "nobody";

interface WorkFormProps {
  lead: Lead;
  staff: Staff;
  onChanged: () => void;
}

export function WorkForm({ lead, staff, onChanged }: WorkFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const word = useMessages(LEAD_WORDS);
  const api = useApi();
  const { id } = lead;
  const [status, setStatus] = useState<Status | "">("");
  const [assignee, setAssignee] = useState(KEEP);
  const [note, setNote] = useState("");
  const [isSaved, setSaved] = useState(false);
  const change = useAction(
    async () => {
      // The API takes any way that the present state allows; whether that is the state which this person
      // decided about, only this page knows.
      const now = await api.request("get", "/admin/leads/{id}", { path: { id } });
      if (isOvertaken(lead, now)) {
        // The choices were made for another state; the words of the note are still true.
        setStatus("");
        setAssignee(KEEP);
        onChanged();
        throw new Overtaken();
      }
      const body = {
        ...(status !== "" && { status }),
        ...(assignee !== KEEP && { assignedTo: assignee === NOBODY ? null : assignee }),
        ...(note.trim() !== "" && { note: note.trim() }),
      };
      return api
        .request("patch", "/admin/leads/{id}", { path: { id }, body })
        .catch((reason: unknown) => {
          if (reason instanceof ApiError && reason.problem.code === "CONFLICT") onChanged();
          throw reason;
        });
    },
    () => {
      setStatus("");
      setAssignee(KEEP);
      setNote("");
      setSaved(true);
      onChanged();
    },
  );
  const errors = fieldErrors(change.failure, language);
  const ways = WAYS[lead.status];
  // After somebody else's change the chosen way may be none any more.
  if (status !== "" && !ways.includes(status)) setStatus("");
  const isEmpty = status === "" && assignee === KEEP && note.trim() === "";
  const edit = (apply: () => void): void => {
    setSaved(false);
    apply();
  };
  return (
    <Section title={t("work")}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isEmpty) change.run();
        }}
      >
        {ways.length > 0 && (
          <Field name="status" label={t("status.new")} error={errors["status"]}>
            {(control) => (
              <select
                {...control}
                className="control"
                value={status}
                onChange={(event) => {
                  edit(() => {
                    setStatus(event.target.value as Status | "");
                  });
                }}
              >
                <option value="">{t("stays", { status: word(lead.status) })}</option>
                {ways.map((one) => (
                  <option key={one} value={one}>
                    {word(one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field name="assignedTo" label={t("assign")} error={errors["assignedTo"]}>
          {(control) => (
            <select
              {...control}
              className="control"
              value={assignee}
              onChange={(event) => {
                edit(() => {
                  setAssignee(event.target.value);
                });
              }}
            >
              <option value={KEEP}>
                {t("stays", {
                  status: lead.assignedTo === null ? t("nobody") : staff.nameOf(lead.assignedTo),
                })}
              </option>
              {lead.assignedTo !== null && <option value={NOBODY}>{t("nobody")}</option>}
              {staff.members
                .filter((one) => one.id !== lead.assignedTo)
                .map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
            </select>
          )}
        </Field>
        <Field name="note" label={t("note")} error={errors["note"]} optional>
          {(control) => (
            <textarea
              {...control}
              className="control"
              rows={3}
              maxLength={NOTE_AT_MOST}
              value={note}
              onChange={(event) => {
                edit(() => {
                  setNote(event.target.value);
                });
              }}
            />
          )}
        </Field>
        {change.failure instanceof Overtaken ? (
          <p className="notice notice--wrong" role="alert">
            {t("overtaken")}
          </p>
        ) : (
          <Problem reason={change.failure} />
        )}
        <div className="actions">
          <Button kind="primary" type="submit" disabled={isEmpty || change.running}>
            {t("save")}
          </Button>
          <p role="status" className="leads-soft">
            {isSaved && !change.running && t("saved")}
          </p>
        </div>
      </form>
    </Section>
  );
}

function useWho(): (by: { email: string | null; role: string }) => string {
  const t = useMessages(MESSAGES);
  return ({ email }) => email ?? t("gone");
}

export function Notes({ lead: { notes } }: { lead: Lead }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const who = useWho();
  return (
    <Section title={t("notes")}>
      {notes.length === 0 ? (
        <p className="leads-soft">{t("notes.none")}</p>
      ) : (
        <ul className="notes">
          {[...notes].reverse().map(({ id, at, by, text }) => (
            <li key={id} className="notes__item">
              <p className="lead-words">{text ?? t("erased")}</p>
              <p className="leads-soft">
                {who(by)} · {time(at)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function History({ lead: { statusHistory } }: { lead: Lead }): ReactElement | null {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { time } = useI18n();
  const who = useWho();
  if (statusHistory.length === 0) return null;
  return (
    <Section title={t("history")}>
      <ul className="notes">
        {[...statusHistory].reverse().map(({ at, by, from, to }, place) => (
          <li key={`${at} ${place}`} className="notes__item">
            <p>
              {word(from)} → <strong>{word(to)}</strong>
            </p>
            <p className="leads-soft">
              {who(by)} · {time(at)}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
