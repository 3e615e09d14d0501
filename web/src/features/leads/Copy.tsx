// An id that is to be taken elsewhere: shown, and copied by a button that says so.
import type { ReactElement } from "react";
import { useState } from "react";

import { useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";

import { MESSAGES } from "./messages.ts";

export function Copy({ text }: { text: string }): ReactElement {
  const t = useMessages(MESSAGES);
  const [isCopied, setCopied] = useState(false);
  return (
    <span className="lead-copy">
      <code>{text}</code>{" "}
      <Button
        className="button--small"
        aria-label={`${t("copy")}: ${text}`}
        onClick={() => {
          // Without the right to the clipboard the text is there to be marked.
          void navigator.clipboard.writeText(text).then(
            () => {
              setCopied(true);
            },
            () => undefined,
          );
        }}
      >
        {t(isCopied ? "copied" : "copy")}
      </Button>
    </span>
  );
}
