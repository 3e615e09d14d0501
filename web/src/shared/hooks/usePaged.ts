// A list that is read page by page. A new question starts anew; an answer to an old one is never shown.
import { useCallback, useEffect, useRef, useState } from "react";

import type { Loaded } from "./useResource.ts";

export interface Page<T> {
  items: T[];
  nextCursor?: string | null;
}

export interface Paged<T> {
  state: Loaded<T[]>;
  /** All that was read so far. */
  items: T[];
  hasMore: boolean;
  loadMore: () => void;
  loadingMore: boolean;
  moreFailure: unknown;
  reload: () => void;
}

interface Read<T> {
  load: unknown;
  round: number;
  state: Loaded<T[]>;
  next: string | null;
}

/** Pages of *load*, which is asked again when it changes (give it a memoised function) or on reload(). */
export function usePaged<T>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Paged<T> {
  const [round, setRound] = useState(0);
  const [read, setRead] = useState<Read<T> | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreFailure, setMoreFailure] = useState<unknown>(null);
  const question = useRef<AbortController | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    question.current = abort;
    load(undefined, abort.signal).then(
      ({ items, nextCursor }) => {
        if (abort.signal.aborted) return;
        setMoreFailure(null);
        setRead({ load, round, state: { status: "ready", data: items }, next: nextCursor ?? null });
      },
      (reason: unknown) => {
        if (!abort.signal.aborted) setRead({ load, round, state: { status: "failed", reason }, next: null });
      },
    );
    return () => {
      abort.abort();
    };
  }, [load, round]);
  const current = read?.load === load ? read : null;
  const items = current?.state.status === "ready" ? current.state.data : [];
  const next = current?.next ?? null;
  const loadMore = useCallback(() => {
    const abort = question.current;
    if (next === null || loadingMore || !abort) return;
    setLoadingMore(true);
    setMoreFailure(null);
    load(next, abort.signal)
      .then(
        (page) => {
          if (abort.signal.aborted) return;
          setRead((before) =>
            before?.load === load && before.state.status === "ready"
              ? {
                  ...before,
                  state: { status: "ready", data: [...before.state.data, ...page.items] },
                  next: page.nextCursor ?? null,
                }
              : before,
          );
        },
        (reason: unknown) => {
          if (!abort.signal.aborted) setMoreFailure(reason);
        },
      )
      .finally(() => {
        setLoadingMore(false);
      });
  }, [load, next, loadingMore]);
  const reload = useCallback(() => {
    setRound((before) => before + 1);
  }, []);
  return {
    state: current?.state ?? { status: "loading" },
    items,
    hasMore: next !== null,
    loadMore,
    loadingMore,
    moreFailure,
    reload,
  };
}
