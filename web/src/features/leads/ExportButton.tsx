// The leads that the filters leave as a file; a large one is written by a job, and waited for here.
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { saveFile } from "@/shared/ui/saveFile";
import { Problem } from "@/shared/ui/states";

import type { Filters } from "./Filters.tsx";
import { MESSAGES } from "./messages.ts";

export function ExportButton({ filters }: { filters: Filters }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const api = useApi();
  const [told, setTold] = useState("");
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const abort = new AbortController();
    leaving.current = abort;
    return () => {
      abort.abort();
    };
  }, []);
  const save = useAction(async () => {
    const { signal } = leaving.current;
    setTold(t("export.running"));
    let answer = await api.file("/admin/leads.csv", { query: filters, signal });
    while (answer.file === null) {
      const { rows, againAfterS, wait } = answer;
      setTold(t("export.rows", { rows: number(rows) }));
      await new Promise((resolve) => setTimeout(resolve, againAfterS * 1000));
      signal.throwIfAborted();
      answer = await api.file(wait, { signal });
    }
    saveFile("leads.csv", answer.file);
    setTold(t("export.done"));
  });
  return (
    <div className="leads-export">
      <Button disabled={save.running} onClick={save.run}>
        {t("export")}
      </Button>
      <p role="status" className="field__hint">
        {save.failure === null && told}
      </p>
      <Problem reason={save.failure} />
    </div>
  );
}
