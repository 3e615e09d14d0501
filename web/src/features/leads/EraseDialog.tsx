// Forgetting a person for good: the word is typed, so that no hurried click does it.
import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import type { Lead } from "./lead.ts";
import { MESSAGES } from "./messages.ts";

interface EraseDialogProps {
  lead: Lead;
  onClose: () => void;
  onErased: () => void;
}

export function EraseDialog({ lead, onClose, onErased }: EraseDialogProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { t: shared } = useI18n();
  const api = useApi();
  const [typed, setTyped] = useState("");
  const erase = useAction(
    () => api.request("post", "/admin/leads/{id}/erase", { path: { id: lead.id } }),
    onErased,
  );
  const word = t("erase.word");
  const isTyped = typed.trim().toLocaleUpperCase() === word;
  return (
    <Dialog title={`${t("erase")}: ${lead.name ?? ""}`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isTyped) erase.run();
        }}
      >
        <p>{t("erase.text")}</p>
        <Field name="erase" label={t("erase.type", { word })}>
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              value={typed}
              onChange={(event) => {
                setTyped(event.target.value);
              }}
            />
          )}
        </Field>
        <Problem reason={erase.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={!isTyped || erase.running}>
            {t("erase")}
          </Button>
          <Button onClick={onClose}>{shared("form.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
