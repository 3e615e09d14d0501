// An announcement: to whom, by which ways, and what.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { fieldErrors } from "@/shared/api/fieldErrors";
import type { InputOf, ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Checkbox } from "@/shared/ui/Checkbox";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

export type StaffMember = ItemOf<"/admin/staff">;
type Channels = InputOf<"post", "/admin/notifications">["body"]["channels"];

const CHANNELS: Channels = ["in_app", "email", "sms"];

interface AnnouncementFormProps {
  members: StaffMember[];
  onClose: () => void;
  onSent: () => void;
}

export function AnnouncementForm({ members, onClose, onSent }: AnnouncementFormProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const api = useApi();
  const [others, setOthers] = useState("");
  const [channels, setChannels] = useState<Channels>(["in_app"]);
  const [title, setTitle] = useState("");
  const [content, setContent] = useState("");
  const userIds = [...members.map(({ id }) => id), ...others.split(/\s+/).filter(Boolean)];
  const send = useAction(
    () => api.request("post", "/admin/notifications", { body: { userIds, channels, title, content } }),
    onSent,
  );
  const errors = fieldErrors(send.failure, language);
  const isComplete = [title, content].every((text) => text.trim()) && channels.length > 0 && userIds.length > 0;
  return (
    <Dialog title={t("announcement")} onClose={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send.run();
        }}
      >
        {members.length > 0 && <p>{t("to", { names: members.map(({ name }) => name).join(", ") })}</p>}
        <Field name="others" label={t("others")} hint={t("others.hint")} error={errors["userIds"]} optional>
          {(control) => (
            <textarea
              {...control}
              className="control"
              rows={2}
              value={others}
              onChange={(event) => {
                setOthers(event.target.value);
              }}
            />
          )}
        </Field>
        <fieldset className="stack">
          <legend className="field__label">{t("channels")}</legend>
          {CHANNELS.map((name) => (
            <Checkbox
              key={name}
              checked={channels.includes(name)}
              onChange={(checked) => {
                setChannels(CHANNELS.filter((one) => (one === name ? checked : channels.includes(one))));
              }}
            >
              {t(name)}
            </Checkbox>
          ))}
        </fieldset>
        <Field name="title" label={t("subject")} error={errors["title"]}>
          {(control) => (
            <input
              {...control}
              className="control"
              required
              value={title}
              onChange={(event) => {
                setTitle(event.target.value);
              }}
            />
          )}
        </Field>
        <Field name="content" label={t("content")} error={errors["content"]}>
          {(control) => (
            <textarea
              {...control}
              className="control"
              required
              rows={5}
              value={content}
              onChange={(event) => {
                setContent(event.target.value);
              }}
            />
          )}
        </Field>
        <Problem reason={send.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={send.running || !isComplete}>
            {t("send")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
