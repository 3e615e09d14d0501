// Asks before something that cannot be taken back, says what went wrong with it, and cannot be pressed twice.
import type { ReactElement, ReactNode } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import type { Action } from "@/shared/hooks/useAction";

import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";
import { Problem } from "./states.tsx";

interface ConfirmDialogProps {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The verb on the button. */
  confirm: string;
  action: Action<[]>;
  onClose: () => void;
}

export function ConfirmDialog({
  title,
  children,
  confirm,
  action,
  onClose,
}: ConfirmDialogProps): ReactElement {
  const { t } = useI18n();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog__text">{children}</div>
      <Problem reason={action.failure} />
      <div className="actions">
        <Button kind="primary" disabled={action.running} onClick={action.run}>
          {confirm}
        </Button>
        <Button onClick={onClose}>{t("form.cancel")}</Button>
        <span role="status">
          {action.running && (
            <>
              <span className="spinner" aria-hidden="true" /> {t("state.working")}
            </>
          )}
        </span>
      </div>
    </Dialog>
  );
}
