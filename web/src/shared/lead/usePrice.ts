// A price preview: computed by the server once the choices have stood still (R9). The figure that counts is
// computed again with the lead.
import { useMemo, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { AREA_DEBOUNCE_MS } from "@/shared/hooks/timing";
import { useDebounce } from "@/shared/hooks/useDebounce";
import { useResource } from "@/shared/hooks/useResource";

export interface Price<Q> {
  /**
   * The latest price known, also while a newer one is on its way; null when there is nothing to compute or it
   * failed.
   */
  quote: Q | null;
  pending: boolean;
  failed: boolean;
  retry: () => void;
}

/** The price of *request*, asked at *path*; null asks nothing. Give *accepts* as a constant. */
export function usePrice<Q>(
  path: string,
  request: unknown,
  accepts: (value: unknown) => value is Q,
): Price<Q> {
  const api = useApi();
  const asked = request === null ? "" : JSON.stringify(request);
  const { value: settled, pending: changing } = useDebounce(asked, AREA_DEBOUNCE_MS);
  const load = useMemo(() => {
    if (settled === "") return null;
    const body: unknown = JSON.parse(settled);
    return (signal: AbortSignal) => api.call(path, { method: "POST", body, signal, accepts });
  }, [api, settled, path, accepts]);
  const { state, reload } = useResource(load);
  const [latest, setLatest] = useState<Q | null>(null);
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
