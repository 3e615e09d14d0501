// The foot of a list that is read page by page (keyset): how many are shown, and the button for more.
import type { ReactElement } from "react";

import type { Paged } from "@/shared/hooks/usePaged";
import { useI18n } from "@/shared/i18n/i18n";

import { Button } from "./Button.tsx";
import { Problem } from "./states.tsx";

export function MorePages<T>({ paged }: { paged: Paged<T> }): ReactElement {
  const { t } = useI18n();
  return (
    <div className="more">
      <p role="status">{t("state.shown", { count: paged.items.length })}</p>
      <Problem reason={paged.moreFailure} />
      {paged.hasMore && (
        <Button disabled={paged.loadingMore} onClick={paged.loadMore}>
          {t("state.more")}
        </Button>
      )}
    </div>
  );
}
