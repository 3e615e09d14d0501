import { screen, within } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import { refusal } from "@test/serve";

import { barsOf, ceilingOf } from "./chart.ts";

const day = (name: string, quotes: number, contacts: number): unknown => ({
  day: name,
  leads: quotes + contacts,
  byStatus: {},
  bySource: { QUOTE_FORM: quotes, FURNITURE_QUOTE: 0, CONTACT_FORM: contacts },
});

const OVERVIEW = {
  at: "2026-01-05T02:00:00Z",
  days: [day("2026-01-04", 3, 1), day("2026-01-05", 1, 1)],
  firstContact: { leads: 6, contacted: 4, medianS: 240, p90S: 5400, shareWithin5Min: 0.5 },
  conversion: { leads: 6, converted: 1, share: 1 / 6 },
  open: { new: 2, unassigned: 1, quarantined: 3 },
  queues: [
    {
      name: "sync",
      depth: 7,
      waiting: 7,
      inFlight: 0,
      delayed: 0,
      processingRatePerMinute: 0,
      averageProcessingMs: null,
      failed: 0,
      dead: 2,
      health: "critical",
      worker: "unavailable",
    },
  ],
  circuits: [{ service: "google_sheets", state: "open", failures: 5, openedAt: null, retryAt: null }],
  alerts: [{ at: "2026-01-05T01:00:00Z", kind: "job_dead", subject: "sync", body: "A job is dead." }],
};

const overview = (): { body: unknown } => ({ body: OVERVIEW });

describe("the overview", () => {
  it("says what waits, how it went, and what does not work", async () => {
    await openAt("/admin", { "GET /admin/overview": overview }, { role: "MANAGER" });
    const held = await screen.findByRole("link", { name: "In quarantine" });
    expect(held.getAttribute("href")).toBe("/admin/leads?status=QUARANTINED");
    expect(held.closest(".figure")?.textContent).toContain("3");
    expect(screen.getByText("4 mins")).toBeTruthy();
    expect(screen.getByText("16.7%")).toBeTruthy();
    expect(screen.getByText("Critical")).toBeTruthy();
    expect(screen.getByText(/2 dead letters · the worker does not answer/)).toBeTruthy();
    expect(screen.getByText("Open: not called")).toBeTruthy();
  });

  it("tells its chart in a sentence and in a table", async () => {
    await openAt("/admin", { "GET /admin/overview": overview }, { role: "ADMIN" });
    const chart = await screen.findByRole("img", { name: /6 leads in thirty days; the most, 4, on 4 Jan/ });
    expect(chart.querySelectorAll("title")[0]?.textContent).toBe("4 Jan: 4");
    const table = screen.getByRole("table", { hidden: true });
    const [, today] = within(table).getAllByRole("row", { hidden: true });
    expect(today?.textContent).toBe("5 Jan2101");
  });

  it("speaks Vietnamese, and says what went wrong", async () => {
    const routes = { "GET /admin/overview": () => refusal(503, "DATABASE_BUSY") };
    await openAt("/admin", routes, { role: "ADMIN", language: "vi" });
    expect((await screen.findByRole("alert")).textContent).toContain("Máy chủ đang rất bận");
    expect(screen.getByRole("heading", { name: "Tổng quan" })).toBeTruthy();
  });
});

describe("the bars of a chart", () => {
  it("stand on the ground, are as high as their values, and stay inside", () => {
    const columns = fc.array(fc.record({ a: fc.nat(5000), b: fc.nat(5000) }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(columns, (days) => {
        const { bars, ceiling } = barsOf(days, ["a", "b"], { width: 700, height: 100, gap: 0.2 });
        bars.forEach(({ x, width, segments: [a, b] }, place) => {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(700.001);
          expect((a?.y ?? 0) + (a?.height ?? 0)).toBeCloseTo(100);
          expect(b?.y).toBeGreaterThanOrEqual(-0.001);
          expect(((b?.height ?? 0) * ceiling) / 100).toBeCloseTo(days[place]?.b ?? -1);
        });
      }),
    );
  });

  it("have a round figure above them", () => {
    expect([0, 3, 5, 11, 20, 70, 101].map(ceilingOf)).toEqual([4, 4, 5, 20, 20, 100, 200]);
  });
});
