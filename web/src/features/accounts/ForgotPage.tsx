import type { ReactElement } from "react";
import { useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useMessages } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { Problem } from "@/shared/ui/states";

import { Door, Input } from "./Door.tsx";
import { MESSAGES } from "./messages.ts";
import { useAccountForm } from "./useAccountForm.ts";

export default function ForgotPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [done, setDone] = useState("");
  const ask = useAction(async (email: string) => {
    await api.request("post", "/auth/password-reset", { body: { email } });
    return email;
  }, setDone);
  const form = useAccountForm(
    { email: "" },
    ({ email = "" }) => (email.includes("@") ? [] : ["email"]),
    { email: "email.fault" },
    ask.failure,
  );
  return (
    <Door title="forgot.title">
      {done ? (
        <p role="status" className="notice">
          {t("forgot.done", { email: done })}
        </p>
      ) : (
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            form.sent();
            ask.run(form.values["email"]?.trim() ?? "");
          }}
        >
          <p>{t("forgot.lead")}</p>
          <Input form={form} name="email" label="email" type="email" autoComplete="username" />
          <Problem reason={ask.failure} />
          <Button kind="primary" type="submit" disabled={!form.isValid || ask.running}>
            {t(ask.running ? "sending" : "forgot.submit")}
          </Button>
        </form>
      )}
    </Door>
  );
}
