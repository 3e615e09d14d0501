// Follows a value that changes quickly, and says whether it is still behind (R9).
import { useEffect, useState } from "react";

export interface Debounced<T> {
  value: T;
  pending: boolean;
}

/** The *value* once it has stood still for *delayMs*; `pending` from the first change until then. */
export function useDebounce<T>(value: T, delayMs: number): Debounced<T> {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, delayMs);
    return () => {
      clearTimeout(timer);
    };
  }, [value, delayMs]);
  return { value: settled, pending: !Object.is(settled, value) };
}
