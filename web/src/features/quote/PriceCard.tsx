// The price as the choices stand; its changes are read out once they have settled.
import type { ReactElement } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";

import type { Price } from "./price.ts";

function Breakdown({ price }: { price: Price }): ReactElement | null {
  const { t, money, language } = useI18n();
  const { quote } = price;
  if (!quote) return null;
  const area = Number(quote.area).toLocaleString(language);
  return (
    <dl className="price__lines">
      <div>
        <dt>{t("price.work", { area })}</dt>
        <dd>{money(quote.priceWithCoefficient)}</dd>
      </div>
      {quote.materials.map(({ id, name, cost }) => (
        <div key={id}>
          <dt>{name}</dt>
          <dd>{money(cost)}</dd>
        </div>
      ))}
    </dl>
  );
}

export function PriceCard({ price }: { price: Price }): ReactElement {
  const { t, money } = useI18n();
  const { quote, pending, failed, retry } = price;
  return (
    <section className="price card" aria-labelledby="price-heading">
      <h2 className="price__heading" id="price-heading">
        {t("price.heading")}
      </h2>
      <Breakdown price={price} />
      <div className="price__total" role="status" aria-busy={pending} aria-atomic="true">
        {quote && (
          <p className={pending ? "price__sum price__sum--old" : "price__sum"}>
            <span>{t("price.total")}</span> <strong data-testid="calc-total">{money(quote.total)}</strong>
          </p>
        )}
        {pending && (
          <p className="price__pending" data-testid="calc-pending">
            <span className="spinner" aria-hidden="true" /> {t("price.pending")}
          </p>
        )}
        {!quote && !pending && !failed && <p>{t("price.empty")}</p>}
        {failed && <p>{t("price.failed")}</p>}
      </div>
      {failed && <Button onClick={retry}>{t("form.retry")}</Button>}
      {quote && <p className="price__note">{t("price.note")}</p>}
    </section>
  );
}
