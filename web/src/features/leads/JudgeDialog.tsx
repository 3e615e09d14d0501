// Whether a lead that is held back counts as one.
import type { ReactElement } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useMessages } from "@/shared/i18n/i18n";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";

import { MESSAGES } from "./messages.ts";

export type Verdict = "release" | "reject";

interface JudgeDialogProps {
  lead: { id: string; name: string | null };
  verdict: Verdict;
  onClose: () => void;
  onJudged: () => void;
}

export function JudgeDialog({ lead, verdict, onClose, onJudged }: JudgeDialogProps): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const judge = useAction(
    () => api.request("post", `/admin/leads/{id}/${verdict}`, { path: { id: lead.id } }),
    onJudged,
  );
  return (
    <ConfirmDialog
      title={`${t(verdict)}: ${lead.name ?? t("erased")}`}
      confirm={t(verdict)}
      action={judge}
      onClose={onClose}
    >
      <p>{t(`${verdict}.text`)}</p>
    </ConfirmDialog>
  );
}
