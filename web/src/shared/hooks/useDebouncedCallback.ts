// A function that runs once its caller has been quiet for a while, and says whether it is still to run (R9).
import { useCallback, useEffect, useRef, useState } from "react";

export interface DebouncedCallback<A extends unknown[]> {
  call: (...args: A) => void;
  /** From the first call until the callback has run or was cancelled. */
  pending: boolean;
  /** Run now what is due, if anything is. */
  flush: () => void;
  cancel: () => void;
}

/**
 * The latest *callback*, run with the latest arguments once *delayMs* have passed without a call. What is due
 * when the component goes away is dropped.
 */
export function useDebouncedCallback<A extends unknown[]>(
  callback: (...args: A) => void,
  delayMs: number,
): DebouncedCallback<A> {
  const [pending, setPending] = useState(false);
  const latest = useRef(callback);
  const due = useRef<{ args: A; timer: ReturnType<typeof setTimeout> } | null>(null);
  useEffect(() => {
    latest.current = callback;
  }, [callback]);

  const cancel = useCallback(() => {
    clearTimeout(due.current?.timer);
    due.current = null;
    setPending(false);
  }, []);
  const flush = useCallback(() => {
    const now = due.current;
    cancel();
    if (now) latest.current(...now.args);
  }, [cancel]);
  const call = useCallback(
    (...args: A) => {
      clearTimeout(due.current?.timer);
      due.current = { args, timer: setTimeout(flush, delayMs) };
      setPending(true);
    },
    [delayMs, flush],
  );
  useEffect(
    () => () => {
      clearTimeout(due.current?.timer);
      due.current = null;
    },
    [],
  );
  return { call, pending, flush, cancel };
}
