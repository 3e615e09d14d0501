// On a phone the price scrolls away while the form is filled in; this bar keeps it in sight at the edge of the
// window, for eyes only: the price card says it to everybody.
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";

import type { Money } from "@/shared/api/types";
import { RESIZE_THROTTLE_MS, SCROLL_THROTTLE_MS } from "@/shared/hooks/timing";
import { useThrottle } from "@/shared/hooks/useThrottle";
import { useI18n } from "@/shared/i18n/i18n";

import type { Price } from "./usePrice.ts";

export function PriceBar({ price }: { price: Price<{ total: Money }> }): ReactElement {
  const { t, money } = useI18n();
  const [isCardInSight, setIsCardInSight] = useState(true);
  const bar = useRef<HTMLDivElement>(null);
  const look = (): void => {
    const form = bar.current?.closest("form");
    const card = form?.querySelector(".price")?.getBoundingClientRect();
    const whole = form?.getBoundingClientRect();
    if (!card || !whole || whole.height === 0) return;
    const isFormInSight = whole.top < window.innerHeight && whole.bottom > 0;
    setIsCardInSight(!isFormInSight || (card.bottom > 0 && card.top < window.innerHeight - 80));
  };
  const scrolled = useThrottle(look, SCROLL_THROTTLE_MS);
  const resized = useThrottle(look, RESIZE_THROTTLE_MS);
  useEffect(() => {
    scrolled();
    window.addEventListener("scroll", scrolled, { passive: true });
    window.addEventListener("resize", resized);
    return () => {
      window.removeEventListener("scroll", scrolled);
      window.removeEventListener("resize", resized);
    };
  }, [scrolled, resized]);
  const isShown = price.quote !== null && !isCardInSight;
  return (
    <div className={isShown ? "price-bar price-bar--shown" : "price-bar"} aria-hidden="true" ref={bar}>
      <span>{t("price.heading")}</span>
      {price.quote && (
        <strong className={price.pending ? "price-bar__sum price-bar__sum--old" : "price-bar__sum"}>
          {money(price.quote.total)}
        </strong>
      )}
    </div>
  );
}
