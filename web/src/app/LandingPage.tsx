// What visitors come for.
import type { ReactElement } from "react";
import { useState } from "react";

import { ErrorBoundary, PageFailed } from "@/app/ErrorBoundary";
import { Page } from "@/app/Frame";
import { QuoteCalculator } from "@/features/quote/QuoteCalculator";
import { rememberTouch } from "@/shared/attribution/utm";
import { useI18n, useTitle } from "@/shared/i18n/i18n";
import { OneForm } from "@/shared/lead/OneForm";
import { deviceStorage } from "@/shared/storage/savedState";

export function LandingPage(): ReactElement {
  const { t } = useI18n();
  const [utm] = useState(() => rememberTouch(deviceStorage(), window.location.href, document.referrer));
  useTitle(t("page.title"));
  return (
    <Page footer={t("page.footer")}>
      <div className="intro">
        <h1>{t("page.headline")}</h1>
        <p>{t("page.lead")}</p>
      </div>
      <ErrorBoundary fallback={<PageFailed />}>
        <OneForm name="quote" isShown utm={utm} form={QuoteCalculator} />
      </ErrorBoundary>
    </Page>
  );
}
