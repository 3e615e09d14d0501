import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";

import { changesOf } from "./changes.ts";

const entry = (id: string) => ({
  id,
  at: "2026-01-05T02:00:00Z",
  actor: { id: "p", email: null, role: "ADMIN" },
  action: "setting.changed",
  target: `setting/${id}`,
  before: { value: 5 },
  after: { value: 7 },
  ip: "203.0.113.7",
  correlationId: "corr",
});

describe("changes", () => {
  it("are the fields that differ, with both values", () => {
    expect(changesOf({ a: 1, b: "same", c: null }, { a: 2, b: "same", d: [1] })).toEqual([
      { field: "a", before: "1", after: "2" },
      { field: "d", before: null, after: "[1]" },
    ]);
    expect(changesOf(null, { name: "new" })).toEqual([{ field: "name", before: null, after: "new" }]);
    expect(changesOf(null, null)).toEqual([]);
  });
});

describe("the audit log", () => {
  it("is read page by page", async () => {
    const page = await openAt(
      "/admin/audit",
      {
        "GET /admin/audit": ({ query }) => ({
          body:
            query.get("cursor") === "next"
              ? { items: [entry("b")], nextCursor: null }
              : { items: [entry("a")], nextCursor: "next" },
        }),
      },
      { role: "MANAGER" },
    );
    expect(await screen.findByText("setting/a")).toBeTruthy();
    expect(screen.getByText("(account deleted) (ADMIN)")).toBeTruthy();
    await page.user.click(screen.getByRole("button", { name: "Show more" }));
    expect(await screen.findByText("setting/b")).toBeTruthy();
    expect(screen.getByText("setting/a")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  });
});
