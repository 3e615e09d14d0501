// State of a form that survives a reload (R10): saved on every change, restored within 24 h, dropped by
// clear().
import { useCallback, useEffect, useState } from "react";

import { deviceStorage, loadState, removeState, saveState } from "./savedState.ts";

export interface Persistence<T> {
  /** The form's name: the entry is localStorage["plumbline:<name>"]. */
  name: string;
  initial: T;
  /** What of the value may be kept on the device; null keeps nothing. */
  toSaved: (value: T) => unknown;
  /** The value that was kept, or null when the entry is not one of ours. */
  fromSaved: (data: unknown) => T | null;
}

export interface Persisted<T> {
  value: T;
  setValue: (change: (before: T) => T) => void;
  /** Whether this value was brought back from the device. */
  restored: boolean;
  clear: () => void;
}

/**
 * Give the *rules* as a constant outside the component. A value to *begin* with goes before the one that was
 * kept.
 */
export function useLocalStoragePersistence<T>(rules: Persistence<T>, begin: T | null = null): Persisted<T> {
  const [restoredValue] = useState<T | null>(() => {
    if (begin !== null) return null;
    const data = loadState(deviceStorage(), rules.name, Date.now());
    return data === null ? null : rules.fromSaved(data);
  });
  const [value, setValue] = useState<T>(begin ?? restoredValue ?? rules.initial);
  useEffect(() => {
    if (value === restoredValue) return;
    const data = rules.toSaved(value);
    if (data === null) removeState(deviceStorage(), rules.name);
    else saveState(deviceStorage(), rules.name, data, Date.now());
  }, [value, restoredValue, rules]);
  const clear = useCallback(() => {
    removeState(deviceStorage(), rules.name);
    setValue(rules.initial);
  }, [rules]);
  return { value, setValue, restored: restoredValue !== null, clear };
}
