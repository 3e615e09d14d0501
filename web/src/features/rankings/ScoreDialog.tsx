// A score taken apart: its four parts, what each weighs, and what each was computed from.
import type { ReactElement } from "react";

import type { ItemOf } from "@/shared/api/operations";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { DataTable } from "@/shared/ui/DataTable";
import { Dialog } from "@/shared/ui/Dialog";

import { MESSAGES } from "./messages.ts";

export type Ranking = ItemOf<"/rankings">;

const PARTS = ["quality", "experience", "responsiveness", "verification"] as const;

type Part = (typeof PARTS)[number];

export function ScoreDialog({ ranking, onClose }: { ranking: Ranking; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number, time } = useI18n();
  const { quality, experience, responsiveness, verification } = ranking.components;
  const round = (value: number): string => number(value, { maximumFractionDigits: 1 });
  const proved = (["identity", "licence", "insurance"] as const).filter((name) => verification.inputs[name]);
  const inputs: Record<Part, string> = {
    quality: t("quality.inputs", {
      reviews: quality.inputs.reviews,
      effective: round(quality.inputs.effectiveReviews),
      mean: round(quality.inputs.meanStars),
      prior: round(quality.inputs.priorStars),
    }),
    experience: t("experience.inputs", {
      count: experience.inputs.completedProjects,
      full: experience.inputs.fullAt,
    }),
    responsiveness: t("responsiveness.inputs", {
      replies: responsiveness.inputs.replies,
      invitations: responsiveness.inputs.invitations,
    }),
    verification: t("verification.inputs", {
      list: proved.map((name) => t(name)).join(", ") || t("nothing"),
    }),
  };
  return (
    <Dialog title={`${ranking.name}: ${number(ranking.score)}`} onClose={onClose}>
      <DataTable<Part>
        caption={t("explain")}
        rows={[...PARTS]}
        rowKey={(part) => part}
        columns={[
          { name: "component", heading: t("component"), cell: (part) => t(part) },
          {
            name: "points",
            heading: t("points"),
            numeric: true,
            cell: (part) => round(ranking.components[part].score),
          },
          {
            name: "weight",
            heading: t("weight"),
            numeric: true,
            cell: (part) => `${ranking.components[part].weight} %`,
          },
          { name: "inputs", heading: t("inputs"), cell: (part) => inputs[part] },
        ]}
      />
      <p className="field__hint">
        {t("calculated", { at: time(ranking.calculatedAt), version: ranking.weightsVersion })}
      </p>
    </Dialog>
  );
}
