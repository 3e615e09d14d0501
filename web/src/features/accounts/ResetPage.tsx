import type { ReactElement } from "react";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { NewPassword } from "@/generated/schemas";
import { useApi } from "@/shared/api/ApiContext";
import { ApiError } from "@/shared/api/client";
import { useAction } from "@/shared/hooks/useAction";
import { useMessages } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session/SessionContext";
import { Button } from "@/shared/ui/Button";
import { Problem } from "@/shared/ui/states";
import { faultsIn } from "@/shared/validation/verdict";

import { Door, PasswordInput } from "./Door.tsx";
import { MESSAGES } from "./messages.ts";
import { useAccountForm } from "./useAccountForm.ts";

/** Whether the link itself was refused, and not the password that came with it. */
function isLinkSpent(reason: unknown): boolean {
  if (!(reason instanceof ApiError) || reason.problem.status >= 429) return false;
  return !reason.problem.errors.some(({ pointer }) => pointer === "/password");
}

export default function ResetPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const session = useSession();
  const [search] = useSearchParams();
  const [done, setDone] = useState(false);
  const token = search.get("token") ?? "";
  const set = useAction(
    (password: string) => api.request("post", "/auth/password-reset/confirm", { body: { token, password } }),
    () => {
      session.forget();
      setDone(true);
    },
  );
  const form = useAccountForm(
    { password: "" },
    ({ password = "" }) => faultsIn(NewPassword, { token, password }).map((pointer) => pointer.slice(1)),
    { password: "password.fault" },
    set.failure,
  );
  return (
    <Door title="reset.title">
      {done ? (
        <>
          <p role="status" className="notice">
            {t("reset.done")}
          </p>
          <Link href="/login">{t("login.title")}</Link>
        </>
      ) : (
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            form.sent();
            set.run(form.values["password"] ?? "");
          }}
        >
          <PasswordInput form={form} isNew />
          {isLinkSpent(set.failure) ? (
            <div className="notice notice--wrong" role="alert">
              <p>{t("reset.failed")}</p>
              <Link href="/forgot">{t("reset.again")}</Link>
            </div>
          ) : (
            <Problem reason={set.failure} />
          )}
          <Button kind="primary" type="submit" disabled={!form.isValid || set.running}>
            {t(set.running ? "sending" : "reset.submit")}
          </Button>
        </form>
      )}
    </Door>
  );
}
