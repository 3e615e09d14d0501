// The way out: asks once more, and for a word that nobody types by accident.
import type { ReactElement } from "react";
import { useState } from "react";
import { useLocation } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session/SessionContext";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

const WORD = "DELETE";

export function DeleteAccount({ onClose }: { onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { t: common } = useI18n();
  const api = useApi();
  const session = useSession();
  const [, go] = useLocation();
  const [word, setWord] = useState("");
  const remove = useAction(
    () => api.request("delete", "/me"),
    () => {
      go("/");
      session.forget();
    },
  );
  return (
    <Dialog title={t("remove")} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          remove.run();
        }}
      >
        <p>{t("remove.text")}</p>
        <Field name="word" label={t("remove.type")}>
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              autoCapitalize="characters"
              value={word}
              onChange={(event) => {
                setWord(event.target.value);
              }}
            />
          )}
        </Field>
        <Problem reason={remove.failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={word !== WORD || remove.running}>
            {t("remove.confirm")}
          </Button>
          <Button onClick={onClose}>{common("form.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
