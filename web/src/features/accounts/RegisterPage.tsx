import type { ReactElement } from "react";
import { useRef, useState } from "react";
import { Link } from "wouter";

import { NewAccount } from "@/generated/schemas";
import { useApi } from "@/shared/api/ApiContext";
import { ApiError } from "@/shared/api/client";
import { useAction } from "@/shared/hooks/useAction";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { useCaptcha } from "@/shared/turnstile/useCaptcha";
import { Button } from "@/shared/ui/Button";
import { Problem } from "@/shared/ui/states";
import { faultsIn } from "@/shared/validation/verdict";

import { Door, Input, PasswordInput } from "./Door.tsx";
import { MESSAGES } from "./messages.ts";
import { useAccountForm } from "./useAccountForm.ts";

const ROLES = ["HOMEOWNER", "CONTRACTOR"] as const;
const SENTENCES = {
  email: "email.fault",
  password: "password.fault",
  name: "name.fault",
  phone: "phone.fault",
} as const;

type Role = (typeof ROLES)[number];

function bodyOf(values: Record<string, string>, role: Role, locale: "en" | "vi") {
  const phone = values["phone"]?.trim();
  return {
    email: values["email"]?.trim() ?? "",
    password: values["password"] ?? "",
    name: values["name"]?.trim() ?? "",
    role,
    locale,
    ...(phone ? { phone } : {}),
  };
}

/** One Idempotency-Key for as long as the body stays the same. */
function useKey(): (body: object) => string {
  const kept = useRef({ text: "", key: "" });
  return (body) => {
    const text = JSON.stringify(body);
    if (kept.current.text !== text) kept.current = { text, key: crypto.randomUUID() };
    return kept.current.key;
  };
}

export default function RegisterPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { language } = useI18n();
  const api = useApi();
  const { place, freshToken } = useCaptcha("signup", language);
  const keyOf = useKey();
  const [role, setRole] = useState<Role>("HOMEOWNER");
  const [done, setDone] = useState("");
  const signUp = useAction(
    async (body: ReturnType<typeof bodyOf>): Promise<string> => {
      const headers = { "Idempotency-Key": keyOf(body) };
      const send = async () => {
        const turnstileToken = await freshToken(AbortSignal.timeout(30_000));
        await api.request("post", "/auth/signup", { body: { ...body, turnstileToken }, headers });
      };
      await send().catch((reason: unknown) => {
        // The token may have been spent by a try whose answer was lost: once more with a fresh one.
        if (!(reason instanceof ApiError) || reason.problem.code !== "CAPTCHA_FAILED") throw reason;
        return send();
      });
      return body.email;
    },
    setDone,
  );
  const form = useAccountForm(
    { email: "", name: "", phone: "", password: "" },
    (values) => faultsIn(NewAccount, bodyOf(values, role, language)).map((pointer) => pointer.slice(1)),
    SENTENCES,
    signUp.failure,
  );
  if (done) {
    return (
      <Door title="register.done">
        <p role="status">{t("register.done.text", { email: done })}</p>
        <p>
          <Link href="/login">{t("login.title")}</Link>
        </p>
      </Door>
    );
  }
  return (
    <Door title="register.title">
      <p>{t("register.lead")}</p>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          form.sent();
          signUp.run(bodyOf(form.values, role, language));
        }}
      >
        <Input form={form} name="email" label="email" hint="email.hint" type="email" autoComplete="email" />
        <Input form={form} name="name" label="name" autoComplete="name" />
        <Input form={form} name="phone" label="phone" hint="phone.hint" type="tel" autoComplete="tel" optional />
        <PasswordInput form={form} isNew />
        <fieldset className="roles">
          <legend className="field__label">{t("role")}</legend>
          {ROLES.map((one) => (
            <label key={one} className="checkbox">
              <input
                type="radio"
                name="role"
                checked={role === one}
                onChange={() => {
                  setRole(one);
                }}
              />
              <span>{t(one)}</span>
            </label>
          ))}
        </fieldset>
        <div ref={place} />
        <Problem reason={signUp.failure} />
        <Button kind="primary" type="submit" disabled={!form.isValid || signUp.running}>
          {t(signUp.running ? "sending" : "register.submit")}
        </Button>
      </form>
      <p>
        <Link href="/login">{t("register.login")}</Link>
      </p>
    </Door>
  );
}
