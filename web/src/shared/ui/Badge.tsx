import type { ReactElement, ReactNode } from "react";

export type Tone = "neutral" | "good" | "warning" | "wrong" | "accent";

/** A state in one word; the word says it, the colour only helps. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }): ReactElement {
  return <span className={`badge badge--${tone}`}>{children}</span>;
}
