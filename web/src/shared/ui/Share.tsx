import type { ReactElement } from "react";

/** A bar as long as *part* is of *whole*; the figure stands beside it in words, so that nobody needs the bar. */
export function Share({ part, whole }: { part: number; whole: number }): ReactElement {
  const percent = whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;
  return (
    <svg className="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width={percent} height="1" />
    </svg>
  );
}
