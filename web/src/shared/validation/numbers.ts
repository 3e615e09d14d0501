// Numbers as people write them into a field.

/**
 * A number with a comma or a point and at most two decimals; null when it cannot be read for certain (1.000
 * is a thousand to one and one to another).
 */
export function readNumber(text: string): number | null {
  const match = /^(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text.trim());
  return match ? Number(`${match[1] ?? ""}.${match[2] ?? "0"}`) : null;
}

/** The number as it is sent; where none can be read, a text that every schema of a number refuses. */
export function sentNumber(text: string): number | "" {
  return readNumber(text) ?? "";
}
