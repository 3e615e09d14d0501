// Who asks, how to reach them, and their consent; plus the trap that only programs fall into.
import type { InputHTMLAttributes, ReactElement } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import { Checkbox } from "@/shared/ui/Checkbox";
import { describedBy, Field, FieldError } from "@/shared/ui/Field";

import type { QuoteForm } from "./useQuoteForm.ts";

type TextField = "name" | "phone" | "email";

const INPUTS: Record<TextField, InputHTMLAttributes<HTMLInputElement>> = {
  name: { autoComplete: "name", required: true, maxLength: 200 },
  phone: { type: "tel", autoComplete: "tel", inputMode: "tel", required: true, maxLength: 60 },
  email: { type: "email", autoComplete: "email", inputMode: "email", maxLength: 320 },
};

const HINTS = { name: undefined, phone: "contact.phone.hint", email: "contact.email.hint" } as const;

function TextInput({ form, name }: { form: QuoteForm; name: TextField }): ReactElement {
  const { t } = useI18n();
  const error = form.shown[name];
  const hint = HINTS[name];
  return (
    <Field
      name={name}
      label={t(`contact.${name}`)}
      hint={hint && t(hint)}
      error={error && t(error)}
      optional={name === "email"}
    >
      {(control) => (
        <input
          {...INPUTS[name]}
          {...control}
          name={name}
          data-testid={`lead-${name}`}
          className="control"
          value={form.fields[name]}
          onChange={(event) => {
            form.change({ [name]: event.target.value }, name);
          }}
          onBlur={() => {
            form.touch(name);
          }}
        />
      )}
    </Field>
  );
}

/** A field no person sees or reaches; a program that fills in everything gives itself away (R18). */
function Trap({ form }: { form: QuoteForm }): ReactElement {
  const { t } = useI18n();
  return (
    <div className="trap" aria-hidden="true">
      <label htmlFor="website">{t("contact.trap")}</label>
      <input
        id="website"
        name="website"
        tabIndex={-1}
        autoComplete="off"
        value={form.fields.website}
        onChange={(event) => {
          form.change({ website: event.target.value });
        }}
      />
    </div>
  );
}

export function ContactFields({ form }: { form: QuoteForm }): ReactElement {
  const { t } = useI18n();
  const { fields, shown, change, touch } = form;
  return (
    <fieldset className="step">
      <legend className="step__title">{t("contact.legend")}</legend>
      <TextInput form={form} name="name" />
      <TextInput form={form} name="phone" />
      <TextInput form={form} name="email" />
      <Field name="content" label={t("contact.content")} error={shown.content && t(shown.content)} optional>
        {(control) => (
          <textarea
            {...control}
            name="content"
            data-testid="lead-content"
            className="control"
            rows={4}
            value={fields.content}
            onChange={(event) => {
              change({ content: event.target.value }, "content");
            }}
            onBlur={() => {
              touch("content");
            }}
          />
        )}
      </Field>
      <Trap form={form} />
      <div className={shown.consent ? "field field--wrong" : "field"}>
        <Checkbox
          {...describedBy("consent", null, shown.consent)}
          testId="lead-consent"
          required
          checked={fields.consent}
          onChange={(consent) => {
            change({ consent }, "consent");
          }}
          onBlur={() => {
            touch("consent");
          }}
        >
          {t("contact.consent")}
        </Checkbox>
        <FieldError name="consent" error={shown.consent && t(shown.consent)} />
      </div>
      <div className="field">
        <Checkbox
          testId="remember-me"
          checked={fields.remember}
          aria-describedby="remember-hint"
          onChange={(remember) => {
            change({ remember });
          }}
        >
          {t("contact.remember")}
        </Checkbox>
        <p className="field__hint field__hint--indented" id="remember-hint">
          {t("contact.remember.hint")}
        </p>
      </div>
    </fieldset>
  );
}
