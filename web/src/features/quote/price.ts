// The price preview: computed by the server 300 ms after the last change. The figure that counts is computed
// again with the lead.
import { useMemo, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { isRecord } from "@/shared/api/client";
import type { CalculatorQuote, CalculatorRequest } from "@/shared/api/types";
import { useDebounce } from "@/shared/hooks/useDebounce";
import { useResource } from "@/shared/hooks/useResource";

const DEBOUNCE_MS = 300;

export interface Price {
  /**
   * The latest price known, also while a newer one is on its way; null when there is nothing to compute or it
   * failed.
   */
  quote: CalculatorQuote | null;
  pending: boolean;
  failed: boolean;
  retry: () => void;
}

function isCalculatorQuote(value: unknown): value is CalculatorQuote {
  return (
    isRecord(value) &&
    isRecord(value["total"]) &&
    isRecord(value["priceWithCoefficient"]) &&
    isRecord(value["materialsTotal"])
  );
}

export function usePrice(request: CalculatorRequest | null): Price {
  const api = useApi();
  const asked = request ? JSON.stringify(request) : "";
  const { value: settled, pending: changing } = useDebounce(asked, DEBOUNCE_MS);
  const load = useMemo(() => {
    if (settled === "") return null;
    const body: unknown = JSON.parse(settled);
    return (signal: AbortSignal) =>
      api.call("/quotes/calculate", { method: "POST", body, signal, accepts: isCalculatorQuote });
  }, [api, settled]);
  const { state, reload } = useResource(load);
  const [latest, setLatest] = useState<CalculatorQuote | null>(null);
  const known = state.status === "ready" ? state.data : latest;
  if (known !== latest) setLatest(known);

  if (asked === "") return { quote: null, pending: false, failed: false, retry: reload };
  const failed = state.status === "failed" && !changing;
  return {
    quote: failed ? null : known,
    pending: changing || state.status === "loading",
    failed,
    retry: reload,
  };
}
