// The price as the choices stand; its changes are read out once they have settled.
import type { ReactElement, ReactNode } from "react";

import type { Money } from "@/shared/api/types";
import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";
import { useControlId, useTestId } from "@/shared/ui/formScope";

import type { Price } from "./usePrice.ts";

interface PriceCardProps {
  price: Price<{ total: Money }>;
  /** What to say while there is nothing to compute. */
  empty: string;
  /** The test names are `<prefix>-total` and `<prefix>-pending`. */
  testPrefix: string;
  /** How the total comes about: `PriceLine`s. */
  children?: ReactNode;
}

export function PriceLine({ label, amount }: { label: ReactNode; amount: Money }): ReactElement {
  const { money } = useI18n();
  return (
    <div>
      <dt>{label}</dt>
      <dd>{money(amount)}</dd>
    </div>
  );
}

export function PriceCard({ price, empty, testPrefix, children }: PriceCardProps): ReactElement {
  const { t, money } = useI18n();
  const controlId = useControlId();
  const testId = useTestId();
  const { quote, pending, failed, retry } = price;
  const headingId = controlId("price-heading");
  return (
    <section className="price card" aria-labelledby={headingId}>
      <h2 className="price__heading" id={headingId}>
        {t("price.heading")}
      </h2>
      {quote && <dl className="price__lines">{children}</dl>}
      <div className="price__total" role="status" aria-busy={pending} aria-atomic="true">
        {quote && (
          <p className={pending ? "price__sum price__sum--old" : "price__sum"}>
            <span>{t("price.total")}</span>{" "}
            <strong data-testid={testId(`${testPrefix}-total`)}>{money(quote.total)}</strong>
          </p>
        )}
        {pending && (
          <p className="price__pending" data-testid={testId(`${testPrefix}-pending`)}>
            <span className="spinner" aria-hidden="true" /> {t("price.pending")}
          </p>
        )}
        {!quote && !pending && !failed && <p className="price__empty">{empty}</p>}
        {failed && <p>{t("price.failed")}</p>}
      </div>
      {failed && <Button onClick={retry}>{t("form.retry")}</Button>}
      {quote && <p className="price__note">{t("price.note")}</p>}
    </section>
  );
}
