// Loads something from the API for as long as a component shows it; an answer to an old question is never
// shown.
import { useCallback, useEffect, useState } from "react";

export type Loaded<T> =
  { status: "idle" } | { status: "loading" } | { status: "failed" } | { status: "ready"; data: T };

export interface Resource<T> {
  state: Loaded<T>;
  reload: () => void;
}

interface Result<T> {
  load: unknown;
  round: number;
  state: Loaded<T>;
}

/**
 * The result of *load*, asked again when it changes or on reload(); null asks nothing. Give it a memoised
 * function.
 */
export function useResource<T>(load: ((signal: AbortSignal) => Promise<T>) | null): Resource<T> {
  const [round, setRound] = useState(0);
  const [result, setResult] = useState<Result<T> | null>(null);
  useEffect(() => {
    if (!load) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setResult({ load, round, state: { status: "ready", data } });
      },
      () => {
        if (!abort.signal.aborted) setResult({ load, round, state: { status: "failed" } });
      },
    );
    return () => {
      abort.abort();
    };
  }, [load, round]);
  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  if (!load) return { state: { status: "idle" }, reload };
  return {
    state: result?.load === load && result.round === round ? result.state : { status: "loading" },
    reload,
  };
}
