// What is known of a lead: the person, what was asked for each time, where they came from, what they accepted.
import type { ReactElement, ReactNode } from "react";
import { Link } from "wouter";

import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { LEAD_WORDS, STATUS_TONES } from "@/shared/lead/statuses";
import { Badge } from "@/shared/ui/Badge";

import { Copy } from "./Copy.tsx";
import type { Lead } from "./lead.ts";
import { MESSAGES } from "./messages.ts";
import { Quote } from "./Quote.tsx";
import type { Staff } from "./useStaff.ts";

export function Section({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className="card lead-section">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Facts({ lead, staff }: { lead: Lead; staff: Staff }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time, number } = useI18n();
  const { phone, email, assignedTo, firstContactAt } = lead;
  return (
    <Section title={t("contact")}>
      <dl className="facts">
        <Fact name={t("phone")}>{phone === null ? "–" : <a href={`tel:${phone}`}>{phone}</a>}</Fact>
        <Fact name={t("email")}>{email === null ? "–" : <a href={`mailto:${email}`}>{email}</a>}</Fact>
        <Fact name={t("locale")}>{t(lead.locale === "vi" ? "locale.vi" : "locale.en")}</Fact>
        <Fact name={t("assignedTo")}>{assignedTo === null ? t("nobody") : staff.nameOf(assignedTo)}</Fact>
        <Fact name={t("firstContact")}>{firstContactAt === null ? t("not.yet") : time(firstContactAt)}</Fact>
        <Fact name={t("submissions")}>{number(lead.submissionCount)}</Fact>
        <Fact name={t("reference")}>
          <Copy text={lead.id} />
        </Fact>
      </dl>
    </Section>
  );
}

export function Submissions({ lead }: { lead: Lead }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  return (
    <Section title={t("asked")}>
      <ol className="lead-asked" reversed>
        {[...lead.submissions].reverse().map(({ id, createdAt, name, email, content, quote, quarantineReasons }) => (
          <li key={id}>
            <p className="leads-soft">
              {time(createdAt)} · {[name, email].filter(Boolean).join(" · ") || t("erased")}
            </p>
            {quarantineReasons.length > 0 && (
              <p>
                <Badge tone="warning">{t("suspicious")}</Badge> {quarantineReasons.join(", ")}
              </p>
            )}
            {content !== null && <p className="lead-words">{content}</p>}
            {quote !== null && <Quote quote={quote} />}
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function Related({ lead }: { lead: Lead }): ReactElement | null {
  const t = useMessages(MESSAGES);
  const word = useMessages(LEAD_WORDS);
  const { time } = useI18n();
  if (lead.related.length === 0) return null;
  return (
    <Section title={t("related")}>
      <ul className="notes">
        {lead.related.map(({ id, source, status, createdAt }) => (
          <li key={id} className="notes__item">
            <Link href={`/admin/leads/${id}`}>
              {word(source)}, {time(createdAt)}
            </Link>
            <span>
              <Badge tone={STATUS_TONES[status]}>{word(status)}</Badge>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Origin({ lead: { utm } }: { lead: Lead }): ReactElement | null {
  const t = useMessages(MESSAGES);
  const touches = (["first", "last"] as const).flatMap((name) => {
    const touch: unknown = utm?.[name];
    return typeof touch === "object" && touch !== null ? [[name, Object.entries(touch)] as const] : [];
  });
  if (touches.length === 0) return null;
  return (
    <Section title={t("origin")}>
      {touches.map(([name, facts]) => (
        <div key={name}>
          <h3>{t(name)}</h3>
          <dl className="facts">
            {facts.map(([field, value]) => (
              <Fact key={field} name={field}>
                {String(value)}
              </Fact>
            ))}
          </dl>
        </div>
      ))}
    </Section>
  );
}

export function Consent({ lead: { consent } }: { lead: Lead }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  return (
    <Section title={t("consent")}>
      <p>{t("consent.text", { version: consent.version, time: time(consent.at) })}</p>
    </Section>
  );
}
