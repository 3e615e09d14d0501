import type { ReactElement } from "react";
import { useCallback } from "react";
import { Link, useSearchParams } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { ApiError } from "@/shared/api/client";
import { useResource } from "@/shared/hooks/useResource";
import { useMessages } from "@/shared/i18n/i18n";
import { Problem } from "@/shared/ui/states";

import { Door } from "./Door.tsx";
import { MESSAGES } from "./messages.ts";

// React may show the page twice; the link is good for one confirmation.
const confirming = new Map<string, Promise<void>>();

export default function VerifyPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [search] = useSearchParams();
  const token = search.get("token") ?? "";
  const confirm = useCallback(() => {
    const known = confirming.get(token);
    if (known) return known;
    const asked = api.request("post", "/auth/verify", { body: { token } }).catch((reason: unknown) => {
      confirming.delete(token);
      throw reason;
    });
    confirming.set(token, asked);
    return asked;
  }, [api, token]);
  const { state, reload } = useResource(confirm);
  const isRefused =
    state.status === "failed" &&
    state.reason instanceof ApiError &&
    state.reason.problem.status < 500 &&
    state.reason.problem.status !== 429;
  return (
    <Door title="verify.title">
      {state.status === "loading" && <p role="status">{t("verify.working")}</p>}
      {state.status === "ready" && (
        <>
          <p role="status" className="notice">
            {t("verify.done")}
          </p>
          <Link href="/login">{t("login.title")}</Link>
        </>
      )}
      {isRefused && (
        <>
          <p className="notice notice--wrong" role="alert">
            {t("verify.failed")}
          </p>
          <Link href="/register">{t("verify.again")}</Link>
        </>
      )}
      {state.status === "failed" && !isRefused && <Problem reason={state.reason} retry={reload} />}
    </Door>
  );
}
