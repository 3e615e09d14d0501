// The price of a submission, line by line, as the server computed it then.
import type { ReactElement } from "react";

import { isRecord } from "@/shared/api/client";
import type { Money } from "@/shared/api/types";
import { useI18n, useMessages } from "@/shared/i18n/i18n";

import { MESSAGES } from "./messages.ts";

interface Line {
  name: string;
  money: Money;
}

function isMoney(value: unknown): value is Money {
  return isRecord(value) && typeof value["amount"] === "string" && typeof value["currency"] === "string";
}

function listed(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The lines of either kind of quote: its work or pieces first, then materials and fees. */
export function linesOf(quote: Record<string, unknown>, fitIn: string): Line[] {
  const category = isRecord(quote["category"]) ? quote["category"] : {};
  const lines: [name: unknown, money: unknown][] = [
    [`${String(category["name"])} (${String(quote["area"])} m²)`, quote["priceWithCoefficient"]],
    ...listed(quote["materials"]).map(({ name, cost }): [unknown, unknown] => [name, cost]),
    ...listed(quote["items"]).map(({ name, quantity, length, width, fitIn: isFitted, lineTotal }): [
      unknown,
      unknown,
    ] => {
      const size = typeof width === "number" ? `${String(length)} × ${String(width)} m` : `${String(length)} m`;
      return [`${String(quantity)} × ${String(name)}, ${size}${isFitted ? `, ${fitIn}` : ""}`, lineTotal];
    }),
    ...listed(quote["fees"]).map(({ name, amount }): [unknown, unknown] => [name, amount]),
  ];
  return lines.flatMap(([name, money]) => (isMoney(money) ? [{ name: String(name), money }] : []));
}

export function Quote({ quote }: { quote: Record<string, unknown> }): ReactElement {
  const t = useMessages(MESSAGES);
  const { money } = useI18n();
  const { total } = quote;
  return (
    <dl className="lead-quote" aria-label={t("quote")}>
      {linesOf(quote, t("fittedIn")).map((line, place) => (
        <div key={place}>
          <dt>{line.name}</dt>
          <dd>{money(line.money)}</dd>
        </div>
      ))}
      {isMoney(total) && (
        <div className="lead-quote__total">
          <dt>{t("total")}</dt>
          <dd>{money(total)}</dd>
        </div>
      )}
    </dl>
  );
}
