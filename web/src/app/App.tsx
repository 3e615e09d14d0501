// The frame around every page: providers, header with the language switch, and the landing page.
// The shared styles come first, so that a feature's own can refine them.
import "@/shared/styles/tokens.css";
import "@/shared/styles/base.css";
import "@/shared/styles/ui.css";
import "./app.css";

import type { ReactElement } from "react";
import { useState } from "react";

import { ErrorBoundary, PageFailed } from "@/app/ErrorBoundary";
import { QuoteCalculator } from "@/features/quote/QuoteCalculator";
import { ApiContext } from "@/shared/api/ApiContext";
import { createApi } from "@/shared/api/client";
import { rememberTouch } from "@/shared/attribution/utm";
import { I18nProvider, useI18n } from "@/shared/i18n/i18n";
import { deviceStorage } from "@/shared/storage/savedState";
import { ToastProvider } from "@/shared/ui/Toast";

function Header(): ReactElement {
  const { t, language, switchLanguage } = useI18n();
  return (
    <header className="header">
      <a className="header__brand" href="/">
        <svg className="header__mark" viewBox="0 0 16 24" aria-hidden="true" focusable="false">
          <path d="M8 0v11" stroke="currentColor" strokeWidth="1.6" />
          <path d="M3 11h10L8 23z" fill="currentColor" />
        </svg>
        Plumbline
      </a>
      <button
        type="button"
        className="button button--quiet"
        data-testid="lang-switch"
        lang={language === "en" ? "vi" : "en"}
        onClick={switchLanguage}
      >
        {t("page.languageSwitch")}
      </button>
    </header>
  );
}

function LandingPage(): ReactElement {
  const { t } = useI18n();
  const [utm] = useState(() => rememberTouch(deviceStorage(), window.location.href, document.referrer));
  return (
    <>
      <a className="skip" href="#main">
        {t("page.skip")}
      </a>
      <Header />
      <main id="main" className="main" tabIndex={-1}>
        <div className="intro">
          <h1>{t("page.headline")}</h1>
          <p>{t("page.lead")}</p>
        </div>
        <ErrorBoundary fallback={<PageFailed />}>
          <QuoteCalculator utm={utm} />
        </ErrorBoundary>
      </main>
      <footer className="footer">
        <p>{t("page.footer")}</p>
      </footer>
    </>
  );
}

export function App(): ReactElement {
  const [api] = useState(() => createApi(window.location.href));
  return (
    <ApiContext value={api}>
      <I18nProvider>
        <ToastProvider>
          <LandingPage />
        </ToastProvider>
      </I18nProvider>
    </ApiContext>
  );
}
