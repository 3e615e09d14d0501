// Opens a page only for those who are signed in (and, for staff's pages, are staff); others are asked to.
import type { ReactElement, ReactNode } from "react";
import { Redirect, useLocation } from "wouter";

import { Page } from "@/app/Frame";
import { Unreachable } from "@/shared/api/client";
import { useI18n, useTitle } from "@/shared/i18n/i18n";
import { isStaff } from "@/shared/session/roles";
import { useSession, useSessionState } from "@/shared/session/SessionContext";
import { Loading, Problem } from "@/shared/ui/states";

function Forbidden({ email }: { email: string }): ReactElement {
  const { t } = useI18n();
  useTitle(t("nav.forbidden"));
  return (
    <Page>
      <section className="card card--narrow">
        <h1>{t("nav.forbidden")}</h1>
        <p>{t("nav.forbidden.text", { email })}</p>
      </section>
    </Page>
  );
}

export function ForPeople({ staff = false, children }: { staff?: boolean; children: ReactNode }): ReactNode {
  const session = useSession();
  const state = useSessionState();
  const [address] = useLocation();
  if (state.status === "anonymous") {
    return <Redirect to={`/login?next=${encodeURIComponent(address)}`} replace />;
  }
  if (state.status === "unknown") {
    return (
      <Page>
        {state.failed ? (
          <Problem
            reason={new Unreachable("who is signed in is not known")}
            retry={() => void session.renew(null).catch(() => undefined)}
          />
        ) : (
          <Loading lines={6} />
        )}
      </Page>
    );
  }
  if (staff && !isStaff(state.person.role)) return <Forbidden email={state.person.email} />;
  return children;
}
