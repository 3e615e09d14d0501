// The journey of a lead as chapters: everything that one cause brought about (one correlation id), told in
// order, with its jobs gathered.
import type { Timeline } from "./lead.ts";

export type TimelineEvent = Timeline["events"][number];

/** How a job stands after its last event. */
export type JobState = "waiting" | "running" | "done" | "retrying" | "deferred" | "dead";

export interface JobStory {
  id: string;
  /** "google_sheets", "quotation", …; empty where the timeline begins in the middle. */
  type: string;
  state: JobState;
  attempts: number;
  /** From its beginning to its last event. */
  tookMs: number;
  events: TimelineEvent[];
}

export interface Chapter {
  correlationId: string;
  at: string;
  /** What happened to the lead itself, and what staff did. */
  events: TimelineEvent[];
  jobs: JobStory[];
}

const STATES: Record<string, JobState> = {
  queued: "waiting",
  redriven: "waiting",
  started: "running",
  completed: "done",
  retrying: "retrying",
  failed: "retrying",
  deferred: "deferred",
  dead: "dead",
};

function jobOf(id: string, events: TimelineEvent[]): JobStory {
  let state: JobState = "waiting";
  let attempts = 0;
  let type = "";
  for (const { kind, status, attempt, detail } of events) {
    if (kind !== "job") continue;
    state = STATES[status] ?? state;
    // Queued is the place before the first attempt; only what began is one.
    if (status !== "queued") attempts = Math.max(attempts, attempt ?? 0);
    if (status === "queued" && type === "") [type = ""] = (detail ?? "").split(":");
  }
  const [first] = events;
  const last = events.at(-1);
  return {
    id,
    type,
    state,
    attempts,
    tookMs: first && last ? Date.parse(last.at) - Date.parse(first.at) : 0,
    events,
  };
}

/** *events*, which come in the order of time, as chapters in the order in which they began. */
export function chaptersOf(events: readonly TimelineEvent[]): Chapter[] {
  const chapters = new Map<string, { chapter: Chapter; jobs: Map<string, TimelineEvent[]> }>();
  for (const event of events) {
    const { correlationId, jobId, at } = event;
    let open = chapters.get(correlationId);
    if (!open) {
      open = { chapter: { correlationId, at, events: [], jobs: [] }, jobs: new Map() };
      chapters.set(correlationId, open);
    }
    // What staff did with a job is a deed of theirs, told in their own chapter.
    if (typeof jobId !== "string" || event.kind === "staff") open.chapter.events.push(event);
    else open.jobs.set(jobId, [...(open.jobs.get(jobId) ?? []), event]);
  }
  return [...chapters.values()].map(({ chapter, jobs }) => ({
    ...chapter,
    jobs: [...jobs].map(([id, ofJob]) => jobOf(id, ofJob)),
  }));
}

/** Whether something is still to happen by itself. */
export function isUnderWay(events: readonly TimelineEvent[]): boolean {
  return chaptersOf(events).some(({ jobs }) => jobs.some(({ state }) => state !== "done" && state !== "dead"));
}

export interface Deed {
  /** "lead.changed", "lead.released", "job.redriven", … */
  action: string;
  role: string;
  changes: { field: string; before: string | null; after: string }[];
}

/** What a person did, read from the API's own sentence; null where it is not of that form. */
export function deedOf({ detail }: TimelineEvent): Deed | null {
  const found = /^(\S+) by a person \((\w+)\)(?:: (.*))?$/.exec(detail ?? "");
  if (!found) return null;
  const [, action = "", role = "", told = ""] = found;
  const changes = told
    .split(", ")
    .filter((one) => one !== "")
    .map((one) => {
      const [field = "", ...rest] = one.split(" ");
      const [before, after] = rest.join(" ").split(" → ");
      return after === undefined ? { field, before: null, after: before ?? "" } : { field, before: before ?? "", after };
    });
  return { action, role, changes };
}
