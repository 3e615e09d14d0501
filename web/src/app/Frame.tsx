// The frame around every page: skip link, header with the ways to other pages and the language switch, main.
import type { ReactElement, ReactNode } from "react";
import { Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";

import { ErrorBoundary, PageFailed } from "@/app/ErrorBoundary";
import { useI18n } from "@/shared/i18n/i18n";
import { isStaff } from "@/shared/session/roles";
import { useSession, useSessionState } from "@/shared/session/SessionContext";
import { Button } from "@/shared/ui/Button";
import { Loading } from "@/shared/ui/states";

function Ways(): ReactElement {
  const { t } = useI18n();
  const session = useSession();
  const state = useSessionState();
  const [, go] = useLocation();
  if (state.status !== "signedIn") {
    return (
      <Link className="header__way" href="/login">
        {t("nav.signIn")}
      </Link>
    );
  }
  return (
    <>
      {isStaff(state.person.role) && (
        <Link className="header__way" href="/admin">
          {t("nav.desk")}
        </Link>
      )}
      <Link className="header__way" href="/account">
        {t("nav.account")}
      </Link>
      <Button
        onClick={() => {
          go("/");
          void session.signOut();
        }}
      >
        {t("nav.signOut")}
      </Button>
    </>
  );
}

function Header(): ReactElement {
  const { t, language, switchLanguage } = useI18n();
  return (
    <header className="header">
      <Link className="header__brand" href="/">
        <svg className="header__mark" viewBox="0 0 16 24" aria-hidden="true" focusable="false">
          <path d="M8 0v11" stroke="currentColor" strokeWidth="1.6" />
          <path d="M3 11h10L8 23z" fill="currentColor" />
        </svg>
        Plumbline
      </Link>
      <nav className="header__ways" aria-label={t("nav.label")}>
        <Ways />
      </nav>
      <Button data-testid="lang-switch" lang={language === "en" ? "vi" : "en"} onClick={switchLanguage}>
        {t("page.languageSwitch")}
      </Button>
    </header>
  );
}

interface PageProps {
  children: ReactNode;
  footer?: string;
  /** For pages with many columns: as wide as the screen allows. */
  wide?: boolean;
}

/** One page. After a change of address the focus begins at its main part, as after loading a page. */
export function Page({ children, footer, wide = false }: PageProps): ReactElement {
  const { t } = useI18n();
  const [address] = useLocation();
  const first = useRef(address);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (first.current === address) return;
    first.current = address;
    main.current?.focus();
    window.scrollTo(0, 0);
  }, [address]);
  return (
    <div className={wide ? "page page--wide" : "page"}>
      <a className="skip" href="#main">
        {t("page.skip")}
      </a>
      <Header />
      <main id="main" className="main" tabIndex={-1} ref={main}>
        <ErrorBoundary key={address} fallback={<PageFailed />}>
          <Suspense fallback={<Loading lines={6} />}>{children}</Suspense>
        </ErrorBoundary>
      </main>
      {footer !== undefined && (
        <footer className="footer">
          <p>{footer}</p>
        </footer>
      )}
    </div>
  );
}
