import { describe, expect, it } from "vitest";

import { EVENTS } from "@test/lead";

import type { TimelineEvent } from "./story.ts";
import { chaptersOf, deedOf, isUnderWay } from "./story.ts";

const EVERY = EVENTS as unknown as TimelineEvent[];

describe("the story of a lead", () => {
  it("gathers what one cause brought about, and each job with how it ended", () => {
    const [first, second] = chaptersOf(EVERY);
    expect(first?.events.map(({ status }) => status)).toEqual(["received", "stored"]);
    expect(first?.jobs).toMatchObject([{ type: "google_sheets", state: "done", attempts: 2, tookMs: 4000 }]);
    expect(second?.events.map(({ kind }) => kind)).toEqual(["staff"]);
  });

  it("is under way until every job is done or given up", () => {
    expect(isUnderWay(EVERY)).toBe(false);
    expect(isUnderWay(EVERY.slice(0, 5))).toBe(true);
    const dead = { ...EVERY[4], status: "dead" } as TimelineEvent;
    expect(isUnderWay([...EVERY.slice(0, 4), dead])).toBe(false);
  });

  it("keeps a deed done to a job in the chapter of who did it", () => {
    const redriven = {
      ...EVERY[8],
      status: "redriven",
      jobId: "job-1",
      detail: "job.redriven by a person (ADMIN)",
    } as TimelineEvent;
    const chapters = chaptersOf([...EVERY, redriven]);
    expect(chapters[1]?.events.at(-1)).toBe(redriven);
    expect(deedOf(redriven)).toEqual({ action: "job.redriven", role: "ADMIN", changes: [] });
  });

  it("reads no deed where there is none", () => {
    const [received] = EVERY;
    expect(received && deedOf(received)).toBeNull();
  });
});
