// A function that runs at once, and then at most once in a while (R9): for scrolling and resizing, which are
// told far more often than anything can change.
import { useCallback, useEffect, useRef } from "react";

/**
 * The latest *callback*, run with the first call and then at most every *intervalMs*; the last call of a storm
 * is never lost, it runs when the interval is over.
 */
export function useThrottle<A extends unknown[]>(
  callback: (...args: A) => void,
  intervalMs: number,
): (...args: A) => void {
  const latest = useRef(callback);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const waiting = useRef<A | null>(null);
  useEffect(() => {
    latest.current = callback;
  }, [callback]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
      waiting.current = null;
    },
    [],
  );
  return useCallback(
    (...args: A) => {
      if (timer.current !== null) {
        waiting.current = args;
        return;
      }
      const rest = (): void => {
        const next = waiting.current;
        waiting.current = null;
        timer.current = next ? setTimeout(rest, intervalMs) : null;
        if (next) latest.current(...next);
      };
      timer.current = setTimeout(rest, intervalMs);
      latest.current(...args);
    },
    [intervalMs],
  );
}
