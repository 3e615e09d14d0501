// Contractors by score, each with its reasons, and the button that computes them anew.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";
import { useSearchParams } from "wouter";

import { useApi } from "@/shared/api/ApiContext";
import { useAction } from "@/shared/hooks/useAction";
import { usePaged } from "@/shared/hooks/usePaged";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages, useTitle } from "@/shared/i18n/i18n";
import { Badge } from "@/shared/ui/Badge";
import { Button } from "@/shared/ui/Button";
import { ConfirmDialog } from "@/shared/ui/ConfirmDialog";
import { DataTable } from "@/shared/ui/DataTable";
import { Field } from "@/shared/ui/Field";
import { Heading } from "@/shared/ui/Heading";
import { MorePages } from "@/shared/ui/MorePages";
import { Empty, Loadable } from "@/shared/ui/states";
import { useToast } from "@/shared/ui/Toast";

import { MESSAGES } from "./messages.ts";
import type { Ranking } from "./ScoreDialog.tsx";
import { ScoreDialog } from "./ScoreDialog.tsx";

function Change({ ranking: { rank, previousRank } }: { ranking: Ranking }): ReactElement {
  const t = useMessages(MESSAGES);
  if (previousRank === null) return <Badge tone="accent">{t("new")}</Badge>;
  if (previousRank === rank) return <>{t("same")}</>;
  const risen = previousRank - rank;
  return (
    <Badge tone={risen > 0 ? "good" : "warning"}>
      {t(risen > 0 ? "up" : "down", { count: Math.abs(risen) })}
    </Badge>
  );
}

function Recalculation({
  onDone,
  onClose,
}: {
  onDone: (count: number) => void;
  onClose: () => void;
}): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const recalculate = useAction(
    () => api.request("post", "/admin/rankings/recalculate", { timeoutMs: 30_000 }),
    ({ contractors }) => {
      onDone(contractors);
    },
  );
  return (
    <ConfirmDialog title={t("recalculate")} confirm={t("recalculate")} action={recalculate} onClose={onClose}>
      <p>{t("recalculate.text")}</p>
    </ConfirmDialog>
  );
}

function RegionFilter({ region, choose }: { region: string; choose: (code: string) => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const api = useApi();
  const load = useCallback((signal: AbortSignal) => api.request("get", "/regions", { signal }), [api]);
  const { state } = useResource(load);
  return (
    <Field name="region" label={t("region")}>
      {(control) => (
        <select
          {...control}
          className="control"
          value={region}
          onChange={(event) => {
            choose(event.target.value);
          }}
        >
          <option value="">{t("region.all")}</option>
          {state.status === "ready" &&
            state.data.items.map(({ code, name, children }) => (
              <optgroup key={code} label={name}>
                {children.map((province) => (
                  <option key={province.code} value={province.code}>
                    {province.name}
                  </option>
                ))}
              </optgroup>
            ))}
        </select>
      )}
    </Field>
  );
}

export default function RankingsPage(): ReactElement {
  const t = useMessages(MESSAGES);
  const { number, time } = useI18n();
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  const [explained, setExplained] = useState<Ranking | null>(null);
  const [asks, setAsks] = useState(false);
  const toast = useToast();
  const region = search.get("region") ?? "";
  const load = useCallback(
    (cursor: string | undefined, signal: AbortSignal) =>
      api.request("get", "/rankings", { query: { region: region || undefined, cursor }, signal }),
    [api, region],
  );
  const rankings = usePaged<Ranking>(load);
  const [last] = rankings.items;
  useTitle(t("title"));
  return (
    <>
      <Heading
        title={t("title")}
        actions={
          <Button
            onClick={() => {
              setAsks(true);
            }}
          >
            {t("recalculate")}
          </Button>
        }
      >
        {t("lead")} {last && t("calculated", { at: time(last.calculatedAt), version: last.weightsVersion })}
      </Heading>
      <div className="region-filter">
        <RegionFilter
          region={region}
          choose={(code) => {
            setSearch(code ? { region: code } : {});
          }}
        />
      </div>
      <Loadable resource={rankings} lines={8}>
        {(items) =>
          items.length === 0 ? (
            <Empty>{t("none")}</Empty>
          ) : (
            <>
              <DataTable<Ranking>
                caption={t("title")}
                rows={items}
                rowKey={({ contractorId }) => contractorId}
                columns={[
                  { name: "rank", heading: t("rank"), cell: ({ rank }) => number(rank) },
                  { name: "name", heading: t("name"), cell: ({ name }) => name },
                  {
                    name: "score",
                    heading: t("score"),
                    numeric: true,
                    cell: ({ score }) => number(score, { minimumFractionDigits: 2 }),
                  },
                  { name: "change", heading: t("change"), cell: (ranking) => <Change ranking={ranking} /> },
                  {
                    name: "explain",
                    heading: t("explain"),
                    actions: true,
                    cell: (ranking) => (
                      <Button
                        className="button--small"
                        aria-label={`${t("explain")}: ${ranking.name}`}
                        onClick={() => {
                          setExplained(ranking);
                        }}
                      >
                        {t("explain")}
                      </Button>
                    ),
                  },
                ]}
              />
              <MorePages paged={rankings} />
            </>
          )
        }
      </Loadable>
      {explained && (
        <ScoreDialog
          ranking={explained}
          onClose={() => {
            setExplained(null);
          }}
        />
      )}
      {asks && (
        <Recalculation
          onDone={(count) => {
            setAsks(false);
            toast(t("recalculate.done", { count: number(count) }));
            rankings.reload();
          }}
          onClose={() => {
            setAsks(false);
          }}
        />
      )}
    </>
  );
}
