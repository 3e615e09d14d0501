// What visitors come for: three forms, one of them shown. Each has an address (/#quote, /#furniture,
// /#contact). A form that was begun stays as it is, and goes on sending, while another one is shown.
import type { KeyboardEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";

import { ErrorBoundary, PageFailed } from "@/app/ErrorBoundary";
import { Page } from "@/app/Frame";
import { ContactForm } from "@/features/contact/ContactForm";
import { FurnitureQuote } from "@/features/furniture/FurnitureQuote";
import { QuoteCalculator } from "@/features/quote/QuoteCalculator";
import { rememberTouch } from "@/shared/attribution/utm";
import { useI18n, useTitle } from "@/shared/i18n/i18n";
import { OneForm } from "@/shared/lead/OneForm";
import { deviceStorage } from "@/shared/storage/savedState";
import { recordStore } from "@/shared/submission/recordStore";

import "./landing.css";

const WAYS = [
  { name: "quote", form: QuoteCalculator },
  { name: "furniture", form: FurnitureQuote },
  { name: "contact", form: ContactForm },
] as const;
type Way = (typeof WAYS)[number]["name"];

function wayOf(hash: string): Way | null {
  return WAYS.find(({ name }) => hash === `#${name}`)?.name ?? null;
}

/** The forms whose submission an earlier page left unfinished: they are taken up, shown or not. */
function unfinished(): Way[] {
  return WAYS.map(({ name }) => name).filter((name) => recordStore(name).load()?.body);
}

export function LandingPage(): ReactElement {
  const { t } = useI18n();
  const [utm] = useState(() => rememberTouch(deviceStorage(), window.location.href, document.referrer));
  const [begun, setBegun] = useState<ReadonlySet<Way>>(() => new Set(unfinished()));
  const [shown, setShown] = useState<Way>(() => wayOf(window.location.hash) ?? [...begun][0] ?? "quote");
  const tabs = useRef<HTMLDivElement>(null);
  useTitle(t("page.title"));
  if (!begun.has(shown)) setBegun(new Set([...begun, shown]));

  useEffect(() => {
    const follow = (): void => {
      const way = wayOf(window.location.hash);
      if (way) setShown(way);
    };
    window.addEventListener("hashchange", follow);
    return () => {
      window.removeEventListener("hashchange", follow);
    };
  }, []);
  const show = (way: Way): void => {
    setShown(way);
    window.history.replaceState(window.history.state, "", `#${way}`);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = WAYS.findIndex(({ name }) => name === shown);
    const steps: Partial<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: WAYS.length - 1,
    };
    const next = WAYS.at((steps[event.key] ?? at) % WAYS.length);
    if (!next || steps[event.key] === undefined) return;
    event.preventDefault();
    show(next.name);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next.name}`)?.focus();
  };

  return (
    <Page footer={t("page.footer")}>
      <div className="intro">
        <h1>{t("page.headline")}</h1>
        <p>{t("page.lead")}</p>
      </div>
      <div className="ways" role="tablist" aria-label={t("page.ways")} ref={tabs}>
        {WAYS.map(({ name }) => (
          <button
            key={name}
            type="button"
            role="tab"
            className="way"
            id={`tab-${name}`}
            data-testid={`tab-${name}`}
            aria-selected={name === shown}
            aria-controls={begun.has(name) ? `panel-${name}` : undefined}
            tabIndex={name === shown ? 0 : -1}
            onKeyDown={onKeyDown}
            onClick={() => {
              show(name);
            }}
          >
            <span className="way__name">{t(`page.way.${name}`)}</span>
            <span className="way__hint">{t(`page.way.${name}.hint`)}</span>
          </button>
        ))}
      </div>
      {WAYS.filter(({ name }) => begun.has(name)).map(({ name, form }) => (
        <div
          key={name}
          role="tabpanel"
          id={`panel-${name}`}
          aria-labelledby={`tab-${name}`}
          hidden={name !== shown}
        >
          <ErrorBoundary fallback={<PageFailed />}>
            <OneForm name={name} isShown={name === shown} utm={utm} form={form} />
          </ErrorBoundary>
        </div>
      ))}
    </Page>
  );
}
