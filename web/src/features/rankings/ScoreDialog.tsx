// A score taken apart: what each of its four parts gives, what it could give, and what it was computed from.
import type { ReactElement } from "react";

import type { ItemOf } from "@/shared/api/operations";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { Dialog } from "@/shared/ui/Dialog";
import { Share } from "@/shared/ui/Share";

import { MESSAGES } from "./messages.ts";
import "./rankings.css";

export type Ranking = ItemOf<"/rankings">;

const PARTS = ["quality", "experience", "responsiveness", "verification"] as const;
const PROOFS = ["identity", "licence", "insurance"] as const;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

type Part = (typeof PARTS)[number];

/** What each part was computed from, in a sentence or two. */
function useSentences({ components }: Ranking): Record<Part, string> {
  const t = useMessages(MESSAGES);
  const { number } = useI18n();
  const { quality, experience, responsiveness, verification } = components;
  const round = (value: number): string => number(value, { maximumFractionDigits: 1 });
  const span = (seconds: number): string => {
    if (seconds < HOUR_S) return t("minutes", { count: Math.max(1, Math.round(seconds / 60)) });
    if (seconds < 2 * DAY_S) return t("hours", { count: round(seconds / HOUR_S) });
    return t("days", { count: round(seconds / DAY_S) });
  };
  const proved = PROOFS.filter((name) => verification.inputs[name]);
  const lacking = PROOFS.filter((name) => !verification.inputs[name]);
  const list = (names: readonly (typeof PROOFS)[number][]): string => names.map((name) => t(name)).join(", ");
  const { meanReplySeconds } = responsiveness.inputs;
  return {
    quality: t(quality.inputs.reviews > 0 ? "quality.inputs" : "quality.none", {
      reviews: number(quality.inputs.reviews),
      effective: round(quality.inputs.effectiveReviews),
      mean: round(quality.inputs.meanStars),
      prior: round(quality.inputs.priorStars),
    }),
    experience: t("experience.inputs", {
      count: number(experience.inputs.completedProjects),
      full: number(experience.inputs.fullAt),
    }),
    responsiveness: [
      t("responsiveness.inputs", {
        replies: number(responsiveness.inputs.replies),
        invitations: number(responsiveness.inputs.invitations),
      }),
      meanReplySeconds === null ? "" : t("responsiveness.speed", { span: span(meanReplySeconds) }),
    ].join(" "),
    verification: [
      proved.length > 0 ? t("verification.inputs", { list: list(proved) }) : t("verification.none"),
      lacking.length > 0 && proved.length > 0 ? t("verification.lacks", { list: list(lacking) }) : "",
    ].join(" "),
  };
}

export function ScoreDialog({ ranking, onClose }: { ranking: Ranking; onClose: () => void }): ReactElement {
  const t = useMessages(MESSAGES);
  const { number, time } = useI18n();
  const sentences = useSentences(ranking);
  const points = (part: Part): number => {
    const { score, weight } = ranking.components[part];
    return (score * weight) / 100;
  };
  const exact = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return (
    <Dialog
      title={t("explain.of", { name: ranking.name, score: number(ranking.score, exact) })}
      onClose={onClose}
    >
      <ul className="parts-of-score">
        {PARTS.map((part) => {
          const { weight } = ranking.components[part];
          return (
            <li key={part}>
              <h3>{t(part)}</h3>
              <p className="parts-of-score__points">
                {t("points", { points: number(points(part), exact), weight: number(weight) })}
              </p>
              <Share part={points(part)} whole={weight} />
              <p className="field__hint">{sentences[part]}</p>
            </li>
          );
        })}
      </ul>
      <p className="field__hint">
        {t("calculated", { at: time(ranking.calculatedAt), version: ranking.weightsVersion })}
      </p>
    </Dialog>
  );
}
