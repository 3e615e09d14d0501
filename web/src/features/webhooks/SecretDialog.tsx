// A secret, shown once.
import type { ReactElement } from "react";
import { useState } from "react";

import { useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";

import { MESSAGES } from "./messages.ts";

export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const [copied, setCopied] = useState(false);
  return (
    <Dialog title={t("secret")} onClose={onClose}>
      <div className="dialog__text">
        <p>{t("secret.text")}</p>
        <code className="secret">{secret}</code>
        <p role="status">{copied && t("secret.copied")}</p>
      </div>
      <div className="actions">
        <Button
          onClick={() => {
            void navigator.clipboard.writeText(secret).then(() => {
              setCopied(true);
            });
          }}
        >
          {t("secret.copy")}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t("secret.done")}
        </Button>
      </div>
    </Dialog>
  );
}
