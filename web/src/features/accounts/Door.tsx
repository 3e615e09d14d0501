// What every door to an account has: a narrow card with a heading, and text inputs with their sentences.
import type { InputHTMLAttributes, ReactElement, ReactNode } from "react";
import { useState } from "react";

import { useMessages, useTitle } from "@/shared/i18n/i18n";
import { Checkbox } from "@/shared/ui/Checkbox";
import { Field } from "@/shared/ui/Field";

import type { AccountKey } from "./messages.ts";
import { MESSAGES } from "./messages.ts";
import type { AccountForm } from "./useAccountForm.ts";

export function Door({ title, children }: { title: AccountKey; children: ReactNode }): ReactElement {
  const t = useMessages(MESSAGES);
  useTitle(t(title));
  return (
    <section className="card card--narrow door">
      <h1 className="heading__title">{t(title)}</h1>
      {children}
    </section>
  );
}

interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "form"> {
  form: AccountForm;
  name: string;
  label: AccountKey;
  hint?: AccountKey;
  optional?: boolean;
}

export function Input({ form, name, label, hint, optional = false, ...rest }: InputProps): ReactElement {
  const t = useMessages(MESSAGES);
  return (
    <Field
      name={name}
      label={t(label)}
      hint={hint && t(hint)}
      error={form.shown[name]}
      optional={optional}
    >
      {(control) => (
        <input
          {...rest}
          {...control}
          name={name}
          className="control"
          required={!optional}
          value={form.values[name] ?? ""}
          onChange={(event) => {
            form.change(name, event.target.value);
          }}
          onBlur={() => {
            form.touch(name);
          }}
        />
      )}
    </Field>
  );
}

/** A password that can be pasted, filled in by a manager, and looked at. */
export function PasswordInput({ form, isNew }: { form: AccountForm; isNew: boolean }): ReactElement {
  const t = useMessages(MESSAGES);
  const [shown, setShown] = useState(false);
  return (
    <>
      <Input
        form={form}
        name="password"
        label={isNew ? "password.new" : "password"}
        {...(isNew ? { hint: "password.hint" } : {})}
        type={shown ? "text" : "password"}
        autoComplete={isNew ? "new-password" : "current-password"}
        spellCheck={false}
        autoCapitalize="none"
      />
      <Checkbox checked={shown} onChange={setShown}>
        {t("password.show")}
      </Checkbox>
    </>
  );
}
