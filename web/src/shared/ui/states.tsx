// What a part of a page shows when there is nothing to show: loading, nothing there, went wrong.
import type { ReactElement, ReactNode } from "react";

import { useExplain } from "@/shared/api/sentences";
import type { Resource } from "@/shared/hooks/useResource";
import { useI18n } from "@/shared/i18n/i18n";

import { Button } from "./Button.tsx";

/** Takes the room of *lines* lines while they are on their way. */
export function Loading({ lines = 3 }: { lines?: number }): ReactElement {
  const { t } = useI18n();
  return (
    <div className="skeleton" role="status">
      <span className="hidden">{t("state.loading")}</span>
      {Array.from({ length: lines }, (_nothing, index) => (
        <span key={index} className="skeleton__line" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }): ReactElement {
  return <p className="empty">{children}</p>;
}

/** What went wrong, with a way to try again where there is one; nothing while *reason* is null. */
export function Problem({
  reason,
  retry,
}: {
  reason: unknown;
  retry?: (() => void) | undefined;
}): ReactElement | null {
  const { t } = useI18n();
  const explain = useExplain();
  if (reason === null || reason === undefined) return null;
  return (
    <div className="notice notice--wrong" role="alert">
      <p>{explain(reason)}</p>
      {retry && <Button onClick={retry}>{t("form.retry")}</Button>}
    </div>
  );
}

/** A resource in each of its states; what was there stays while it is asked for again. */
export function Loadable<T>({
  resource,
  lines,
  children,
}: {
  resource: Resource<T>;
  lines?: number;
  children: (data: T) => ReactNode;
}): ReactNode {
  const { state, reload } = resource;
  if (state.status === "failed") return <Problem reason={state.reason} retry={reload} />;
  if (state.status !== "ready") return <Loading lines={lines ?? 3} />;
  return children(state.data);
}
