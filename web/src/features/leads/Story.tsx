// The journey of a lead as a readable story; it follows what is under way.
import type { ReactElement } from "react";
import { useCallback, useState } from "react";

import { useApi } from "@/shared/api/ApiContext";
import { useResource } from "@/shared/hooks/useResource";
import { useI18n, useMessages } from "@/shared/i18n/i18n";
import { LEAD_WORDS } from "@/shared/lead/statuses";
import type { Tone } from "@/shared/ui/Badge";
import { Badge } from "@/shared/ui/Badge";
import { Loadable } from "@/shared/ui/states";

import { Copy } from "./Copy.tsx";
import { Section } from "./Facts.tsx";
import type { Chapter, JobState, JobStory, TimelineEvent } from "./story.ts";
import { chaptersOf, deedOf, isUnderWay } from "./story.ts";
import { STORY } from "./storyMessages.ts";
import type { Staff } from "./useStaff.ts";

const LIVE_MS = 2000;
const QUIET_MS = 20_000;
const TONES: Record<JobState, Tone> = {
  waiting: "neutral",
  running: "accent",
  done: "good",
  retrying: "warning",
  deferred: "warning",
  dead: "wrong",
};

type Word = keyof (typeof STORY)["en"];

/** The sentences by names that are put together from what the API says; *otherwise* for one that is new. */
function useTell(): (name: string, values?: Record<string, string | number>, otherwise?: string) => string {
  const t = useMessages(STORY);
  return useCallback(
    (name, values, otherwise) =>
      Object.hasOwn(STORY.en, name) ? t(name as Word, values) : (otherwise ?? t("unknown")),
    [t],
  );
}

function useLeadWord(): (text: string) => string {
  const word = useMessages(LEAD_WORDS);
  return (text) => (Object.hasOwn(LEAD_WORDS.en, text) ? word(text as keyof (typeof LEAD_WORDS)["en"]) : text);
}

/** How long, in the unit that is read at a glance. */
function useDuration(): (ms: number) => string {
  const { number } = useI18n();
  const unit = (value: number, name: string): string =>
    number(value, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 });
  return (ms) => {
    if (ms < 60_000) return unit(ms / 1000, "second");
    return ms < 3_600_000 ? unit(ms / 60_000, "minute") : unit(ms / 3_600_000, "hour");
  };
}

function Clock({ at }: { at: string }): ReactElement {
  const { language } = useI18n();
  const text = new Date(at).toLocaleTimeString(language === "vi" ? "vi-VN" : "en-GB");
  return (
    <time dateTime={at} className="story__time">
      {text}
    </time>
  );
}

function Sentence({ event, staff }: { event: TimelineEvent; staff: Staff }): ReactElement {
  const tell = useTell();
  const word = useLeadWord();
  const { kind, status, detail } = event;
  const deed = kind === "staff" ? deedOf(event) : null;
  const after = (detail ?? "").split(/, (.*)|: (.*)/s).find((part, place) => place > 0 && part) ?? "";
  const name = deed?.action === "lead.rejected" ? "staff.rejected" : `${kind}.${status}`;
  const valueOf = (field: string, value: string): string =>
    field === "assignedTo" && value !== "nobody" ? staff.nameOf(value) : tell(value, {}, word(value));
  return (
    <div>
      <p>{tell(name, { source: word(after), reasons: after, role: tell(deed?.role ?? "") }, detail ?? status)}</p>
      {deed && deed.changes.length > 0 && (
        <ul className="story__changes">
          {deed.changes.map(({ field, before, after: now }) => (
            <li key={field}>
              {tell(`field.${field}`, {}, field)}: {before !== null && `${valueOf(field, before)} → `}
              {valueOf(field, now)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Job({ job }: { job: JobStory }): ReactElement {
  const tell = useTell();
  const t = useMessages(STORY);
  const duration = useDuration();
  const values = { time: duration(job.tookMs), count: job.attempts };
  return (
    <li className="story__job">
      <p>
        <Badge tone={TONES[job.state]}>{t(`state.${job.state}`)}</Badge>{" "}
        {tell(`type.${job.type}`, {}, t("type.other"))}{" "}
        {job.state === "done" && (
          <span className="leads-soft">{t(job.attempts > 1 ? "took.more" : "took.once", values)}</span>
        )}
      </p>
      <details>
        <summary>
          {t("details")} <span className="hidden">{tell(`type.${job.type}`, {}, t("type.other"))}</span>
        </summary>
        <ol className="story__steps">
          {job.events.map(({ at, kind, status, attempt, detail }, place) => (
            <li key={place}>
              <Clock at={at} />
              <span>
                {tell(`${kind}.${status}`, { attempt: attempt ?? 1 }, status)}{" "}
                {detail !== null && detail !== undefined && <code>{detail}</code>}
              </span>
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}

function ChapterView({ chapter, staff }: { chapter: Chapter; staff: Staff }): ReactElement {
  const t = useMessages(STORY);
  const { time } = useI18n();
  return (
    <li className="story__chapter">
      <h3 className="story__when">{time(chapter.at)}</h3>
      {chapter.events.map((event, place) => (
        <Sentence key={place} event={event} staff={staff} />
      ))}
      {chapter.jobs.length > 0 && (
        <ul className="story__jobs">
          {chapter.jobs.map((job) => (
            <Job key={job.id} job={job} />
          ))}
        </ul>
      )}
      <p className="leads-soft">
        {t("correlation")}: <Copy text={chapter.correlationId} />
      </p>
    </li>
  );
}

/** The story of the lead *id*; a new *round* reads it at once. */
export function Story({ id, round, staff }: { id: string; round: number; staff: Staff }): ReactElement {
  const t = useMessages(STORY);
  const api = useApi();
  const [isLive, setLive] = useState(true);
  const load = useCallback(
    async (signal: AbortSignal) => {
      const timeline = await api.request("get", "/admin/leads/{id}/timeline", { path: { id }, signal });
      setLive(isUnderWay(timeline.events));
      return { ...timeline, round };
    },
    [api, id, round],
  );
  const story = useResource(load, { everyMs: isLive ? LIVE_MS : QUIET_MS });
  return (
    <Section title={t("title")}>
      <p role="status" className="leads-soft">
        {isLive && t("title.live")}
      </p>
      <Loadable resource={story} lines={8}>
        {({ events, isComplete }) => (
          <>
            {!isComplete && <p className="notice">{t("incomplete")}</p>}
            <ol className="story">
              {chaptersOf(events)
                .reverse()
                .map((chapter) => (
                  <ChapterView key={chapter.correlationId} chapter={chapter} staff={staff} />
                ))}
            </ol>
          </>
        )}
      </Loadable>
    </Section>
  );
}
