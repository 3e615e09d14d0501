// The programs that are told about leads.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { DataTable } from "@/shared/ui/DataTable";
import { Heading } from "@/shared/ui/Heading";
import { Empty, Loadable } from "@/shared/ui/states";

import { Deliveries } from "./Deliveries.tsx";
import { MESSAGES } from "./messages.ts";
import { SecretDialog } from "./SecretDialog.tsx";
import type { Webhook } from "./WebhookForm.tsx";
import { WebhookForm } from "./WebhookForm.tsx";

type Open =
  | { dialog: "form"; webhook: Webhook | null }
  | { dialog: "remove" | "rotate" | "deliveries"; webhook: Webhook }
  | { dialog: "secret"; secret: string };

function State({ webhook }: { webhook: Webhook }): ReactElement {
  const t = useMessages(MESSAGES);
  const { time } = useI18n();
  if (!webhook.enabled) return <Badge tone="neutral">{t(`off.${webhook.disabledReason ?? "staff"}`)}</Badge>;
  if (webhook.failingSince) return <Badge tone="wrong">{t("failing", { at: time(webhook.failingSince) })}</Badge>;
  return <Badge tone="good">{t("on")}</Badge>;
}

export default function WebhooksPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [open, setOpen] = useState<Open | null>(null);
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/webhooks", { signal }), [api]);
  const webhooks = useResource(load);
  const close = (): void => {
    setOpen(null);
  };
  const id = open && "webhook" in open && open.webhook ? open.webhook.id : "";
  const remove = useAction(
    () => api.request("delete", "/admin/webhooks/{id}", { path: { id } }),
    () => {
      close();
      webhooks.reload();
    },
  );
  const rotate = useAction(
    () => api.request("post", "/admin/webhooks/{id}/rotate-secret", { path: { id } }),
    ({ secret }) => {
      setOpen({ dialog: "secret", secret });
    },
  );
  useTitle(t("title"));
  return (
    <>
      <Heading
        title={t("title")}
        actions={
          <Button
            kind="primary"
            onClick={() => {
              setOpen({ dialog: "form", webhook: null });
            }}
          >
            {t("add")}
          </Button>
        }
      >
        {t("lead")}
      </Heading>
      <Loadable resource={webhooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <DataTable<Webhook>
              caption={t("title")}
              rows={items}
              rowKey={(webhook) => webhook.id}
              columns={[
                { name: "url", heading: t("url"), cell: ({ url }) => <code>{url}</code> },
                {
                  name: "events",
                  heading: t("events"),
                  cell: ({ events }) => events.map((name) => t(name)).join(", "),
                },
                { name: "state", heading: t("state"), cell: (webhook) => <State webhook={webhook} /> },
                {
                  name: "actions",
                  heading: t("edit"),
                  actions: true,
                  cell: (webhook) => (
                    <span className="actions">
                      {(["deliveries", "form", "rotate", "remove"] as const).map((dialog) => (
                        <Button
                          key={dialog}
                          className="button--small"
                          aria-label={`${t(dialog === "form" ? "edit" : dialog)}: ${webhook.url}`}
                          onClick={() => {
                            setOpen({ dialog, webhook });
                          }}
                        >
                          {t(dialog === "form" ? "edit" : dialog)}
                        </Button>
                      ))}
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loadable>
      {open?.dialog === "form" && (
        <WebhookForm
          webhook={open.webhook}
          onClose={close}
          onSaved={(secret) => {
            webhooks.reload();
            setOpen(secret === null ? null : { dialog: "secret", secret });
          }}
        />
      )}
      {open?.dialog === "secret" && <SecretDialog secret={open.secret} onClose={close} />}
      {open?.dialog === "deliveries" && <Deliveries webhook={open.webhook} onClose={close} />}
      {open?.dialog === "remove" && (
        <ConfirmDialog title={t("remove")} confirm={t("remove")} action={remove} onClose={close}>
          <p>{t("remove.text", { url: open.webhook.url })}</p>
        </ConfirmDialog>
      )}
      {open?.dialog === "rotate" && (
        <ConfirmDialog title={t("rotate")} confirm={t("rotate")} action={rotate} onClose={close}>
          <p>{t("rotate.text")}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
