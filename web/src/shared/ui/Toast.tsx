// One short message at the edge of the page, in a live region that is always there. It leaves by itself, but
// not while its button is pointed at or focused; nothing that matters is said only here.
import type { ReactElement, ReactNode } from "react";
import { createContext, useCallback, useContext, useEffect, useState } from "react";

import { useI18n } from "@/shared/i18n/i18n";

import { Button } from "./Button.tsx";

const SHOWN_MS = 8000;

const ToastContext = createContext<((sentence: string) => void) | null>(null);

export function useToast(): (sentence: string) => void {
  const show = useContext(ToastContext);
  if (!show) throw new Error("useToast needs a ToastProvider around it");
  return show;
}

export function ToastProvider({ children }: { children: ReactNode }): ReactElement {
  const { t } = useI18n();
  const [message, setMessage] = useState<{ sentence: string } | null>(null);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!message || held) return;
    const timer = setTimeout(() => {
      setMessage(null);
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [message, held]);
  const show = useCallback((sentence: string) => {
    setHeld(false);
    setMessage({ sentence });
  }, []);
  const hold = (): void => {
    setHeld(true);
  };
  const release = (): void => {
    setHeld(false);
  };
  return (
    <ToastContext value={show}>
      {children}
      <div className="toast-place" role="status">
        {message && (
          <div className="toast" data-testid="toast">
            <span>{message.sentence}</span>
            <Button
              className="toast__close"
              aria-label={t("form.close")}
              onPointerEnter={hold}
              onPointerLeave={release}
              onFocus={hold}
              onBlur={release}
              onClick={() => {
                setMessage(null);
              }}
            >
              ×
            </Button>
          </div>
        )}
      </div>
    </ToastContext>
  );
}
