// What one webhook was told, and how it answered.
import type { ReactElement } from "react";
import { useCallback } from "react";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useAction } from "@/shared/hooks/useAction";
import { usePaged } from "@/shared/hooks/usePaged";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable, Problem } from "@/shared/ui/states";

import { MESSAGES } from "./messages.ts";
import type { Webhook } from "./WebhookForm.tsx";

type Delivery = ItemOf<"/admin/webhooks/{id}/deliveries">;

const TONES: Record<Delivery["status"], Tone> = { pending: "neutral", delivered: "good", failed: "wrong" };

export function Deliveries({ webhook, onClose }: { webhook: Webhook; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  const api = useApi();
  const { id } = webhook;
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/admin/webhooks/{id}/deliveries", { path: { id }, query: { cursor }, signal }),
    [api, id],
  );
  const deliveries = usePaged<Delivery>(load);
  const replay = useAction(
    (deliveryId: string) =>
      api.request("post", "/admin/webhooks/{id}/deliveries/{deliveryId}/replay", { path: { id, deliveryId } }),
    deliveries.reload,
  );
  return (
    <Dialog title={`${t("deliveries")}: ${webhook.url}`} onClose={onClose}>
      <Problem reason={replay.failure} />
      <Loadable resource={deliveries}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("deliveries.none")}</Empty>
          ) : (
            <>
              <DataTable<Delivery>
                caption={t("deliveries")}
                rows={items}
                rowKey={(delivery) => delivery.id}
                columns={[
                  { name: "at", heading: t("at"), cell: ({ at }) => time(at) },
                  { name: "event", heading: t("event"), cell: ({ event }) => t(event) },
                  {
                    name: "status",
                    heading: t("status"),
                    cell: ({ status, responseStatus }) => (
                      <Badge tone={TONES[status]}>
                        {t(status)} {responseStatus ?? ""}
                      </Badge>
                    ),
                  },
                  { name: "attempts", heading: t("attempts"), numeric: true, cell: ({ attempts }) => attempts },
                  {
                    name: "replay",
                    heading: t("replay"),
                    cell: (delivery) => (
                      <Button
                        className="button--small"
                        disabled={replay.running}
                        onClick={() => {
                          replay.run(delivery.id);
                        }}
                      >
                        {t("replay")}
                      </Button>
                    ),
                  },
                ]}
              />
              <MorePages paged={deliveries} />
            </>
          )
        }
      </Loadable>
    </Dialog>
  );
}
