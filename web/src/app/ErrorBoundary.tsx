// Keeps the page from going blank when our own code fails: says so, and offers to load it again. Saved input survives.
import { Component, type ReactElement, type ReactNode } from "react";

import { useI18n } from "@/shared/i18n/i18n";
import { Button } from "@/shared/ui/Button";

interface Props {
  children: ReactNode;
  fallback: ReactElement;
}

export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}

export function PageFailed(): ReactElement {
  const { t } = useI18n();
  return (
    <section className="card" role="alert">
      <p>{t("page.failed")}</p>
      <Button
        kind="primary"
        type="button"
        onClick={() => {
          window.location.reload();
        }}
      >
        {t("page.reload")}
      </Button>
    </section>
  );
}
