// Who asks, how to reach them, and their consent; plus the trap that only programs fall into.
import type { InputHTMLAttributes, ReactElement } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import { Checkbox } from "@/shared/ui/Checkbox";
import { Field, FieldError, useDescribed } from "@/shared/ui/Field";
import { useControlId, useTestId } from "@/shared/ui/formScope";

import type { AnyLeadForm } from "./useLeadForm.ts";

type TextField = "name" | "phone" | "email";

const INPUTS: Record<TextField, InputHTMLAttributes<HTMLInputElement>> = {
  name: { autoComplete: "name", required: true, maxLength: 200 },
  phone: { type: "tel", autoComplete: "tel", inputMode: "tel", required: true, maxLength: 60 },
  email: { type: "email", autoComplete: "email", inputMode: "email", maxLength: 320 },
};

const HINTS = {
  name: "contact.name.hint",
  phone: "contact.phone.hint",
  email: "contact.email.hint",
} as const;

function TextInput({ form, name }: { form: AnyLeadForm; name: TextField }): ReactElement {
  const { t } = useI18n();
  const testId = useTestId();
  const error = form.validation.shown[name];
  return (
    <Field
      name={name}
      label={t(`contact.${name}`)}
      hint={t(name === "email" && form.rules.isContentRequired ? "contact.email.hint.plain" : HINTS[name])}
      error={error && t(error)}
      optional={name === "email"}
    >
      {(control) => (
        <input
          {...INPUTS[name]}
          {...control}
          name={name}
          data-testid={testId(`lead-${name}`)}
          className="control"
          value={form.fields[name]}
          onChange={(event) => {
            form.change({ [name]: event.target.value }, name);
          }}
          onBlur={() => {
            form.validation.touch(name);
          }}
        />
      )}
    </Field>
  );
}

/** A field no person sees or reaches; a program that fills in everything gives itself away (R18). */
function Trap({ form }: { form: AnyLeadForm }): ReactElement {
  const { t } = useI18n();
  const id = useControlId()("website");
  return (
    <div className="trap" aria-hidden="true">
      <label htmlFor={id}>{t("contact.trap")}</label>
      <input
        id={id}
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

export function ContactFields({ form }: { form: AnyLeadForm }): ReactElement {
  const { t } = useI18n();
  const testId = useTestId();
  const controlId = useControlId();
  const described = useDescribed();
  const { fields, change, rules } = form;
  const { shown, touch } = form.validation;
  return (
    <fieldset className="step">
      <legend className="step__title">{t("contact.legend")}</legend>
      <div className="contact__who">
        <TextInput form={form} name="name" />
        <TextInput form={form} name="phone" />
      </div>
      <TextInput form={form} name="email" />
      <Field
        name="content"
        label={t(rules.isContentRequired ? "contact.content.required" : "contact.content")}
        hint={rules.isContentRequired ? t("contact.content.hint") : undefined}
        error={shown["content"] && t(shown["content"])}
        optional={!rules.isContentRequired}
      >
        {(control) => (
          <textarea
            {...control}
            name="content"
            data-testid={testId("lead-content")}
            className="control"
            rows={4}
            required={rules.isContentRequired}
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
      <div className={shown["consent"] ? "field field--wrong" : "field"}>
        <Checkbox
          {...described("consent", null, shown["consent"])}
          testId={testId("lead-consent")}
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
        <FieldError name="consent" error={shown["consent"] && t(shown["consent"])} />
      </div>
      <div className="field">
        <Checkbox
          testId={testId("remember-me")}
          checked={fields.remember}
          aria-describedby={controlId("remember-hint")}
          onChange={(remember) => {
            change({ remember });
          }}
        >
          {t("contact.remember")}
        </Checkbox>
        <p className="field__hint field__hint--indented" id={controlId("remember-hint")}>
          {t("contact.remember.hint")}
        </p>
      </div>
    </fieldset>
  );
}
