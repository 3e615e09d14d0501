// Something that a button does: once at a time, with what went wrong kept until the next try.
import { useCallback, useEffect, useRef, useState } from "react";

export interface Action<A extends unknown[]> {
  run: (...input: A) => void;
  running: boolean;
  /** What the last try failed with; null where it did not. */
  failure: unknown;
  reset: () => void;
}

/** *perform*, then *done* with what it gave; a call while one is under way is ignored. */
export function useAction<A extends unknown[], T>(
  perform: (...input: A) => Promise<T>,
  done?: (result: T) => void,
): Action<A> {
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const busy = useRef(false);
  const alive = useRef(true);
  const latest = useRef({ perform, done });
  useEffect(() => {
    latest.current = { perform, done };
  });
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const run = useCallback((...input: A) => {
    if (busy.current) return;
    busy.current = true;
    setRunning(true);
    setFailure(null);
    const end = (then: () => void): void => {
      busy.current = false;
      if (!alive.current) return;
      setRunning(false);
      then();
    };
    latest.current.perform(...input).then(
      (result) => {
        end(() => latest.current.done?.(result));
      },
      (reason: unknown) => {
        end(() => {
          setFailure(reason);
        });
      },
    );
  }, []);
  const reset = useCallback(() => {
    setFailure(null);
  }, []);
  return { run, running, failure, reset };
}
