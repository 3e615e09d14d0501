// Loads something from the API for as long as a component shows it; an answer to an old question is never
// shown.
import { useCallback, useEffect, useState } from "react";

export type Loaded<T> =
  | { status: "idle" }
  | { status: "loading" }
  | { status: "failed"; reason: unknown }
  | { status: "ready"; data: T };

export interface Resource<T> {
  state: Loaded<T>;
  reload: () => void;
}

interface Refreshing {
  /** Ask again this often while the page is looked at. What is shown stays until the new answer is there. */
  everyMs?: number;
}

interface Result<T> {
  load: unknown;
  round: number;
  state: Loaded<T>;
}

/**
 * The result of *load*, asked again when it changes or on reload(); null asks nothing. Give it a memoised
 * function. What was read stays shown while the same is asked again.
 */
export function useResource<T>(
  load: ((signal: AbortSignal) => Promise<T>) | null,
  { everyMs }: Refreshing = {},
): Resource<T> {
  const [round, setRound] = useState(0);
  const [result, setResult] = useState<Result<T> | null>(null);
  useEffect(() => {
    if (!load) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setResult({ load, round, state: { status: "ready", data } });
      },
      (reason: unknown) => {
        if (abort.signal.aborted) return;
        // Figures that are refreshed by themselves stay through a hiccup; the next round may do better.
        setResult((before) =>
          everyMs !== undefined && before?.load === load && before.state.status === "ready"
            ? { ...before, round }
            : { load, round, state: { status: "failed", reason } },
        );
      },
    );
    return () => {
      abort.abort();
    };
  }, [load, round, everyMs]);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setRound((before) => before + 1);
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  if (!load) return { state: { status: "idle" }, reload };
  const isCurrent = result?.load === load && (result.round === round || result.state.status === "ready");
  return {
    state: isCurrent ? result.state : { status: "loading" },
    reload,
  };
}
