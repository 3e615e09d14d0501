import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { openAt } from "@test/openAt";
import type { Asked, Routes } from "@test/serve";
import { refusal } from "@test/serve";

const RANKING = {
  contractorId: "c1",
  name: "Kiến tạo Sài Gòn",
  region: "VN-HN",
  rank: 2,
  previousRank: 5,
  score: 83.5,
  components: {
    quality: {
      score: 92.5,
      weight: 40,
      inputs: { reviews: 28, effectiveReviews: 6.94, priorStars: 4.5, meanStars: 4.7 },
    },
    experience: { score: 100, weight: 30, inputs: { completedProjects: 60, fullAt: 50 } },
    responsiveness: {
      score: 60,
      weight: 15,
      inputs: { invitations: 17, replies: 16, meanReplySeconds: 9000, replyRate: 0.9, replySpeed: 0.7 },
    },
    verification: {
      score: 50,
      weight: 15,
      inputs: { identity: true, licence: false, insurance: false },
    },
  },
  weightsVersion: 3,
  calculatedAt: "2026-01-05T02:00:00Z",
};
const NEWCOMER = {
  ...RANKING,
  contractorId: "c2",
  name: "Nhà mới",
  rank: 3,
  previousRank: null,
  components: {
    ...RANKING.components,
    quality: { ...RANKING.components.quality, inputs: { ...RANKING.components.quality.inputs, reviews: 0 } },
    verification: {
      ...RANKING.components.verification,
      inputs: { identity: false, licence: false, insurance: false },
    },
  },
};
const REGIONS = [
  { code: "VN-N", name: "Miền Bắc", children: [{ code: "VN-HN", name: "Hà Nội", children: [] }] },
];

function routes(rankings: (asked: Asked) => unknown[] = () => [RANKING, NEWCOMER]): Routes {
  return {
    "GET /rankings": (asked) => ({ body: { items: rankings(asked), nextCursor: null } }),
    "GET /regions": () => ({ body: { items: REGIONS, nextCursor: null } }),
  };
}

describe("rankings", () => {
  it("show who rose, who is new, and when all of it was computed", async () => {
    await openAt("/admin/rankings", routes(), { role: "MANAGER" });
    const row = (await screen.findByText("Kiến tạo Sài Gòn")).closest("tr");
    expect(row?.textContent).toContain("up 3");
    expect(row?.textContent).toContain("83.50");
    expect(screen.getByText("Nhà mới").closest("tr")?.textContent).toContain("new");
    expect(screen.getByText(/Last computed 5 Jan 2026.*weights version 3/)).toBeTruthy();
  });

  it("take a score apart into points that add up to it, and say where they come from", async () => {
    const page = await openAt("/admin/rankings", routes(), { role: "MANAGER" });
    await page.user.click(await screen.findByRole("button", { name: "Why this score: Kiến tạo Sài Gòn" }));
    const dialog = screen.getByRole("dialog", { name: "Kiến tạo Sài Gòn: 83.50 of 100" });
    const points = within(dialog)
      .getAllByText(/ of \d+ points$/)
      .map(({ textContent }) => parseFloat(textContent));
    expect(points).toEqual([37, 30, 9, 7.5]);
    expect(points.reduce((sum, one) => sum + one)).toBeCloseTo(RANKING.score, 2);
    expect(within(dialog).getByText(/4.7 stars: the mean of 28 verified reviews/)).toBeTruthy();
    expect(
      within(dialog).getByText("16 of 17 invitations answered. A reply takes 2.5 hours on average."),
    ).toBeTruthy();
    expect(within(dialog).getByText(/proof of: identity. Not yet of: licence, insurance./)).toBeTruthy();
  });

  it("explain a newcomer without reviews and proofs in Vietnamese", async () => {
    const page = await openAt("/admin/rankings", routes(), { role: "MANAGER", language: "vi" });
    await page.user.click(await screen.findByRole("button", { name: "Vì sao có điểm này: Nhà mới" }));
    expect(screen.getByText(/Chưa có đánh giá đã xác minh/)).toBeTruthy();
    expect(screen.getByText(/Chưa có bằng chứng/)).toBeTruthy();
  });

  it("are those of a region whose code stands in the address", async () => {
    const page = await openAt(
      "/admin/rankings",
      routes(({ query }) => (query.get("region") === "VN-HN" ? [] : [RANKING])),
      { role: "ADMIN" },
    );
    await screen.findByText("Kiến tạo Sài Gòn");
    await page.user.selectOptions(await screen.findByLabelText("Region"), "Hà Nội");
    expect(await screen.findByText("No contractor is ranked here yet.")).toBeTruthy();
    expect(window.location.search).toBe("?region=VN-HN");
  });

  it("are computed anew once asked twice, and say when somebody else does so already", async () => {
    let calls = 0;
    const page = await openAt(
      "/admin/rankings",
      {
        ...routes(),
        "POST /admin/rankings/recalculate": () =>
          (calls += 1) === 1
            ? refusal(503, "LOCK_TIMEOUT")
            : {
                status: 202,
                body: {
                  runId: "r1",
                  calculatedAt: RANKING.calculatedAt,
                  contractors: 1200,
                  weightsVersion: 3,
                },
              },
      },
      { role: "ADMIN" },
    );
    await page.user.click(await screen.findByRole("button", { name: "Recalculate now" }));
    expect(calls).toBe(0);
    const confirm = within(screen.getByRole("dialog")).getByRole("button", { name: "Recalculate now" });
    await page.user.click(confirm);
    expect((await screen.findByRole("alert")).textContent).toContain("under way already");
    await page.user.click(confirm);
    expect((await screen.findByTestId("toast")).textContent).toContain("1,200 contractors were ranked anew.");
  });
});
