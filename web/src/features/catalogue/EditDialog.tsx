// A form in a dialog, saved as a whole. What the API says of a field stands at it, and the first such field
// gets the focus; what it says of the whole stands above the button.
import type { ReactElement, ReactNode } from "react";
import { useEffect, useRef } from "react";

import { fieldErrors } from "@/shared/api/fieldErrors";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";

interface EditDialogProps {
  title: string;
  /** The fields that show what is wrong with them. */
  fields: readonly string[];
  failure: unknown;
  disabled: boolean;
  save: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function EditDialog(props: EditDialogProps): ReactElement {
  const { title, fields, failure, disabled, save, onClose, children } = props;
  const t = useMessages(MESSAGES);
  const i18n = useI18n();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (failure !== null) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [failure]);
  const errors = fieldErrors(failure, i18n.language);
  const isSaidAtFields = fields.some((name) => errors[name]);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        ref={form}
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {children}
        <Problem reason={isSaidAtFields ? null : failure} />
        <div className="actions">
          <Button kind="primary" type="submit" disabled={disabled}>
            {t("save")}
          </Button>
          <Button onClick={onClose}>{i18n.t("form.cancel")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
