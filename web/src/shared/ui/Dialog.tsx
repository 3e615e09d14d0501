// A dialog over the page: the browser's own, which keeps the focus inside, closes on Escape and gives the
// focus back.
import type { ReactElement, ReactNode } from "react";
import { useEffect, useId, useRef } from "react";

import { useI18n } from "@/shared/i18n/i18n";

import { Button } from "./Button.tsx";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Shown for as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps): ReactElement {
  const { t } = useI18n();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      className="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog__head">
        <h2 id={heading} className="dialog__title">
          {title}
        </h2>
        <Button className="dialog__close" aria-label={t("form.close")} onClick={onClose}>
          ×
        </Button>
      </div>
      {children}
    </dialog>
  );
}
