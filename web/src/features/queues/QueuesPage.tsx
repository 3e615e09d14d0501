// How each queue does, and what died in it.
import type { ReactElement } from "react";
import { useCallback } from "react";
import { useSearchParams } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import type { ItemOf } from "@/shared/api/operations";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { Heading } from "@/shared/ui/Heading";
import { Loadable } from "@/shared/ui/states";

import type { QueueName } from "./DeadLetters.tsx";
import { DeadLetters } from "./DeadLetters.tsx";
import { MESSAGES } from "./messages.ts";
import "./queues.css";

const EVERY_MS = 5000;

type Queue = ItemOf<"/admin/queues">;

const TONES: Record<Queue["health"], Tone> = { healthy: "good", warning: "warning", critical: "wrong" };
const NAMES: readonly string[] = ["email", "sync", "notification"] satisfies QueueName[];

function isKnown(name: string): name is QueueName {
  return NAMES.includes(name);
}

interface QueueCardProps {
  queue: Queue;
  name: string;
  isOpen: boolean;
  open: () => void;
}

function QueueCard({ queue, name, isOpen, open }: QueueCardProps): ReactElement {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const figures: [string, string][] = [
    [t("waiting"), number(queue.waiting)],
    [t("inFlight"), number(queue.inFlight)],
    [t("delayed"), number(queue.delayed)],
    [t("rate"), number(queue.processingRatePerMinute, { maximumFractionDigits: 1 })],
    [
      t("average"),
      queue.averageProcessingMs === null
        ? "–"
        : t("ms", { count: number(Math.round(queue.averageProcessingMs)) }),
    ],
    [t("failed"), number(queue.failed)],
  ];
  return (
    <section className="card queue" aria-label={name}>
      <h2>{name}</h2>
      <p className="actions">
        <Badge tone={TONES[queue.health]}>{t(queue.health)}</Badge>
        <Badge tone={queue.worker === "available" ? "good" : "wrong"}>{t(queue.worker)}</Badge>
      </p>
      <p className="queue__depth">
        <strong>{number(queue.depth)}</strong> {t("depth")}
      </p>
      <dl className="figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Button aria-pressed={isOpen} aria-label={t("letters.of", { queue: name })} onClick={open}>
        {t("dead")} ({number(queue.dead)})
      </Button>
    </section>
  );
}

export default function QueuesPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/admin/queues", { signal }), [api]);
  const queues = useResource(load, { everyMs: EVERY_MS });
  const nameOf = (name: string): string => (isKnown(name) ? t(name) : name);
  useTitle(t("title"));
  return (
    <>
      <Heading title={t("title")}>{t("lead")}</Heading>
      <Loadable resource={queues} lines={6}>
        {({ items }) => {
          const first = items.find(({ dead }) => dead > 0) ?? items[0];
          const chosen = search.get("queue") ?? first?.name ?? "";
          return (
            <>
              <div className="queues">
                {items.map((queue) => (
                  <QueueCard
                    key={queue.name}
                    queue={queue}
                    name={nameOf(queue.name)}
                    isOpen={queue.name === chosen}
                    open={() => {
                      setSearch({ queue: queue.name });
                    }}
                  />
                ))}
              </div>
              {isKnown(chosen) && (
                <DeadLetters
                  key={chosen}
                  queue={chosen}
                  name={nameOf(chosen)}
                  dead={items.find(({ name }) => name === chosen)?.dead ?? 0}
                  onRedriven={queues.reload}
                />
              )}
            </>
          );
        }}
      </Loadable>
    </>
  );
}
