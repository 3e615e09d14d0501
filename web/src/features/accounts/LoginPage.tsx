import type { ReactElement } from "react";
import { Link, Redirect, useLocation, useSearchParams } from "wouter";

import { ApiError } from "@/shared/api/client";
import { useAction } from "@/shared/hooks/useAction";
import { useMessages } from "@/shared/i18n/i18n";
import { useSession, useSessionState } from "@/shared/session/SessionContext";
import { Button } from "@/shared/ui/Button";
import { Problem } from "@/shared/ui/states";

import { Door, Input, PasswordInput } from "./Door.tsx";
import { MESSAGES } from "./messages.ts";
import { pageAfterSignIn } from "./next.ts";
import { useAccountForm } from "./useAccountForm.ts";

const SENTENCES = { email: "email.fault", password: "password.missing" } as const;

export default function LoginPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const session = useSession();
  const state = useSessionState();
  const [, go] = useLocation();
  const [search] = useSearchParams();
  const next = search.get("next");
  const signIn = useAction(
    (email: string, password: string) => session.signIn(email, password),
    (person) => {
      go(pageAfterSignIn(next, person, window.location.origin), { replace: true });
    },
  );
  const form = useAccountForm(
    { email: "", password: "" },
    ({ email = "", password = "" }) => [...(email.includes("@") ? [] : ["email"]), ...(password ? [] : ["password"])],
    SENTENCES,
    signIn.failure,
  );
  if (state.status === "signedIn" && !signIn.running) {
    return <Redirect to={pageAfterSignIn(next, state.person, window.location.origin)} replace />;
  }
  const isWrong = signIn.failure instanceof ApiError && signIn.failure.problem.status === 401;
  return (
    <Door title="login.title">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          form.sent();
          signIn.run(form.values["email"]?.trim() ?? "", form.values["password"] ?? "");
        }}
      >
        <Input
          form={form}
          name="email"
          label="email"
          type="email"
          autoComplete="username"
          inputMode="email"
          autoCapitalize="none"
        />
        <PasswordInput form={form} isNew={false} />
        {isWrong ? (
          <p className="notice notice--wrong" role="alert">
            {t("login.wrong")}
          </p>
        ) : (
          <Problem reason={signIn.failure} />
        )}
        <Button kind="primary" type="submit" disabled={!form.isValid || signIn.running}>
          {t(signIn.running ? "sending" : "login.submit")}
        </Button>
      </form>
      <p>
        <Link href="/forgot">{t("login.forgot")}</Link>
      </p>
      <p>
        <Link href="/register">{t("login.register")}</Link>
      </p>
    </Door>
  );
}
