// What a form leaves on this device: localStorage["plumbline:<form>"] = {savedAt, data}, good for 24 hours.
// Storage that is full, forbidden or scribbled on is as good as empty: nothing here throws.
const KEPT_MS = 24 * 60 * 60 * 1000;

export type TextStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The browser's storage, or none where it is forbidden (reading the property can throw by itself). */
export function deviceStorage(): TextStorage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}

export function removeState(storage: TextStorage | null, name: string): void {
  attempt(() => {
    storage?.removeItem(`plumbline:${name}`);
  });
}

/**
 * Keep *data* (anything that JSON can say) under *name*; an older entry that cannot be replaced is dropped
 * rather than left to mislead.
 */
export function saveState(storage: TextStorage | null, name: string, data: unknown, nowMs: number): void {
  const saved = attempt(() => {
    storage?.setItem(`plumbline:${name}`, JSON.stringify({ savedAt: nowMs, data }));
    return true;
  });
  if (saved === null) removeState(storage, name);
}

/**
 * The data kept under *name* if it is at most 24 h old, else null; an expired or unreadable entry is removed.
 */
export function loadState(storage: TextStorage | null, name: string, nowMs: number): unknown {
  const raw = attempt(() => storage?.getItem(`plumbline:${name}`) ?? null);
  if (raw === null) return null;
  const entry: unknown = attempt<unknown>(() => JSON.parse(raw));
  if (typeof entry === "object" && entry !== null && "savedAt" in entry && "data" in entry) {
    const savedAtMs = typeof entry.savedAt === "number" ? entry.savedAt : Date.parse(String(entry.savedAt));
    // A clock that was set back by more than the whole term makes an entry from the future: as good as
    // expired.
    if (Math.abs(nowMs - savedAtMs) <= KEPT_MS) return entry.data;
  }
  removeState(storage, name);
  return null;
}
