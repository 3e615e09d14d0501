// One webhook: where, of what, and with how much.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { AnswerOf, ItemOf } from "@/shared/api/operations";
import { fieldErrors } from "@/shared/api/fieldErrors";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

export type Webhook = ItemOf<"/admin/webhooks">;
type WithSecret = AnswerOf<"post", "/admin/webhooks">;

const EVENTS = ["lead.created", "lead.updated", "lead.erased"] as const;

interface WebhookFormProps {
  /** Null for a new one. */
  webhook: Webhook | null;
  onClose: () => void;
  /** Of a new one with its secret. */
  onSaved: (secret: string | null) => void;
}

export function WebhookForm({ webhook, onClose, onSaved }: WebhookFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const api = useApi();
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<Webhook["events"]>(webhook?.events ?? ["lead.created"]);
  const [includesPersonalData, setPersonal] = useState(webhook?.includesPersonalData ?? false);
  const [enabled, setEnabled] = useState(webhook?.enabled ?? true);
  const save = useAction(
    async (): Promise<WithSecret | null> => {
      const body = { url: url.trim(), description, events, includesPersonalData, enabled };
      if (!webhook) return api.request("post", "/admin/webhooks", { body });
      await api.request("patch", "/admin/webhooks/{id}", { path: { id: webhook.id }, body });
      return null;
    },
    (answer) => {
      onSaved(answer?.secret ?? null);
    },
  );
  const errors = fieldErrors(save.failure, language);
  return (
    <Dialog title={t(webhook ? "edit" : "add")} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        <Field name="url" label={t("url")} hint={t("url.hint")} error={errors["url"]}>
          {(control) => (
            <input
              {...control}
              className="control"
              type="url"
              required
              value={url}
              onChange={(event) => {
                setUrl(event.target.value);
              }}
            />
          )}
        </Field>
        <Field name="description" label={t("description")} error={errors["description"]} optional>
          {(control) => (
            <input
              {...control}
              className="control"
              value={description}
              onChange={(event) => {
                setDescription(event.target.value);
              }}
            />
          )}
        </Field>
        <fieldset className="stack">
          <legend className="field__label">{t("events")}</legend>
          {EVENTS.map((name) => (
            <Checkbox
              key={name}
              checked={events.includes(name)}
              onChange={(checked) => {
                setEvents(EVENTS.filter((one) => (one === name ? checked : events.includes(one))));
              }}
            >
              {t(name)}
            </Checkbox>
          ))}
        </fieldset>
        <Checkbox checked={includesPersonalData} onChange={setPersonal}>
          {t("personal")}
        </Checkbox>
        <Checkbox checked={enabled} onChange={setEnabled}>
          {t("enabled")}
        </Checkbox>
        <Problem reason={save.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={save.running || !url.trim() || events.length === 0}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
