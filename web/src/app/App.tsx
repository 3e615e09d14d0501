// Every address of the site and the page that is shown there, inside what all pages share.
// The shared styles come first, so that a feature's own can refine them.
import "@/shared/styles/tokens.css";
import "@/shared/styles/base.css";
import "@/shared/styles/ui.css";
import "@/shared/styles/data.css";
import "./app.css";

import type { ReactElement } from "react";
import { lazy, useState } from "react";
import { Route, Switch } from "wouter";

import { ForPeople } from "@/app/ForPeople";
import { Page } from "@/app/Frame";
import { LandingPage } from "@/app/LandingPage";
import { NotFound } from "@/app/NotFound";
import { ApiContext } from "@/shared/api/ApiContext";
import { createApi } from "@/shared/api/client";
import { I18nProvider } from "@/shared/i18n/i18n";
import { createSession, signed } from "@/shared/session/session";
import { SessionProvider } from "@/shared/session/SessionContext";
import { ToastProvider } from "@/shared/ui/Toast";

const Desk = lazy(() => import("@/app/Desk"));
const AccountPage = lazy(() => import("@/features/account/AccountPage"));
const DOORS = {
  "/login": lazy(() => import("@/features/accounts/LoginPage")),
  "/register": lazy(() => import("@/features/accounts/RegisterPage")),
  "/verify": lazy(() => import("@/features/accounts/VerifyPage")),
  "/forgot": lazy(() => import("@/features/accounts/ForgotPage")),
  "/reset": lazy(() => import("@/features/accounts/ResetPage")),
};

function Pages(): ReactElement {
  return (
    <Switch>
      <Route path="/" component={LandingPage} />
      {Object.entries(DOORS).map(([path, Door]) => (
        <Route key={path} path={path}>
          <Page>
            <Door />
          </Page>
        </Route>
      ))}
      <Route path="/account">
        <ForPeople>
          <Page>
            <AccountPage />
          </Page>
        </ForPeople>
      </Route>
      <Route path="/admin/*?">
        <ForPeople staff>
          <Desk />
        </ForPeople>
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

export function App(): ReactElement {
  const [{ api, session }] = useState(() => {
    const anyone = createApi(window.location.href);
    const ofThisPage = createSession(anyone);
    return { api: signed(anyone, ofThisPage), session: ofThisPage };
  });
  return (
    <ApiContext value={api}>
      <SessionProvider session={session}>
        <I18nProvider>
          <ToastProvider>
            <Pages />
          </ToastProvider>
        </I18nProvider>
      </SessionProvider>
    </ApiContext>
  );
}
