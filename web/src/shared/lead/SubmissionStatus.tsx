// What is happening to the visitor's request: sending, waiting (why, how long, and a way out), or refused
// with a list of what to correct.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";

import { said } from "@/shared/api/inVietnamese";
import type { Problem } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { useControlId } from "@/shared/ui/formScope";

import type { AnyLeadForm } from "./useLeadForm.ts";

/** Not in the live region: a count that is read out every second would drown everything else. */
function Countdown({ untilMs }: { untilMs: number }): ReactElement {
  const { t } = useI18n();
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(Date.now());
    }, 500);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <p role="timer">{t("send.nextTry", { seconds: Math.max(0, Math.ceil((untilMs - nowMs) / 1000)) })}</p>
  );
}

function Refusal({ problem, form }: { problem: Problem; form: AnyLeadForm }): ReactElement | null {
  const { language, t } = useI18n();
  const controlId = useControlId();
  const { shown } = form.validation;
  const fields = form.names.filter((name) => shown[name]);
  const others = problem.errors.filter(({ pointer }) => form.fieldAt(pointer) === null);
  const isAboutFields = problem.errors.length > 0;
  if (isAboutFields && fields.length + others.length === 0) return null;
  const sentence = problem.code === "CAPTCHA_FAILED" ? t("send.refused.captcha") : t("send.refused");
  return (
    <div className="notice notice--wrong" role="alert">
      <p>
        <strong>{isAboutFields ? t("error.summary") : sentence}</strong>
      </p>
      {isAboutFields && (
        <ul>
          {fields.map((name) => (
            <li key={name}>
              <a
                href={`#${controlId(name)}`}
                onClick={(event) => {
                  event.preventDefault();
                  document.getElementById(controlId(name))?.focus();
                }}
              >
                {t(shown[name] ?? "send.refused")}
              </a>
            </li>
          ))}
          {others.map(({ pointer, detail }) => (
            <li key={pointer}>{said(detail, language) || pointer}</li>
          ))}
        </ul>
      )}
      {problem.correlationId && (
        <p className="notice__small">{t("send.reference", { id: problem.correlationId })}</p>
      )}
    </div>
  );
}

export function SubmissionStatus({ form }: { form: AnyLeadForm }): ReactElement {
  const { t } = useI18n();
  const { phase, resumed } = form.machine;
  const busy = phase.name === "sending" || phase.name === "waiting";
  return (
    <div className="submission">
      <div role="status" className={busy || (phase.name === "idle" && phase.notice) ? "notice" : undefined}>
        {phase.name === "sending" && (
          <p>
            <span className="spinner" aria-hidden="true" /> {t(resumed ? "send.resumed" : "send.sending")}
          </p>
        )}
        {phase.name === "waiting" && <p>{t(`send.${phase.reason}`)}</p>}
        {phase.name === "idle" && phase.notice && <p>{t(`send.${phase.notice}`)}</p>}
      </div>
      {busy && (
        <div className="submission__actions">
          {phase.name === "waiting" && (
            <>
              <Countdown untilMs={phase.retryAtMs} />
              <Button onClick={form.submitter.retryNow}>{t("send.now")}</Button>
            </>
          )}
          <Button onClick={form.submitter.cancel}>{t("send.cancel")}</Button>
        </div>
      )}
      {phase.name === "refused" && <Refusal problem={phase.problem} form={form} />}
    </div>
  );
}
