import type { ReactElement } from "react";
import { Link } from "wouter";

import { Page } from "@/app/Frame";
import { useI18n, useTitle } from "@/shared/i18n/i18n";

export function NotFound(): ReactElement {
  const { t } = useI18n();
  useTitle(t("nav.notFound"));
  return (
    <Page>
      <section className="card card--narrow">
        <h1>{t("nav.notFound")}</h1>
        <p>{t("nav.notFound.text")}</p>
        <p>
          <Link href="/">{t("nav.home")}</Link>
        </p>
      </section>
    </Page>
  );
}
