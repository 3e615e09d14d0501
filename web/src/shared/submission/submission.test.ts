import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { LeadDraft, Problem } from "@/shared/api/types";

import type { Answer, Machine, SubmissionEvent, WaitReason } from "./submission.ts";
import { backoffMs, canonicalJson, fingerprintOf, NOTHING_SENT, recordFor, step } from "./submission.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const drafts = fc.record({
  source: fc.constant("QUOTE_FORM" as const),
  name: fc.string({ minLength: 2, maxLength: 20, unit: "grapheme" }),
  phone: fc.stringMatching(/^0\d{9}$/),
  quote: fc.record({
    kind: fc.constant("calculator" as const),
    categoryId: fc.uuid(),
    area: fc.integer({ min: 1, max: 100_000 }),
    materialIds: fc.array(fc.uuid(), { maxLength: 3 }),
  }),
  consent: fc.constant({ version: "1", accepted: true as const }),
  locale: fc.constantFrom("en" as const, "vi" as const),
  website: fc.constant(""),
});

const problem = (status: number, code: string): Problem => ({ status, code, errors: [] });
const refusal = (status: number, code: string, retryAfterS: number | null = null): Answer => ({
  kind: "refused",
  problem: problem(status, code),
  retryAfterS,
});

const ANSWERS: Answer[] = [
  { kind: "unreachable" },
  { kind: "captcha_unavailable" },
  { kind: "accepted", lead: { id: "lead-1", status: "RECEIVED" } },
  refusal(409, "REQUEST_IN_PROGRESS", 1),
  refusal(429, "RATE_LIMITED", 60),
  refusal(503, "DATABASE_BUSY", 5),
  refusal(500, "INTERNAL_ERROR"),
  refusal(400, "CAPTCHA_FAILED"),
  refusal(422, "VALIDATION_ERROR"),
  refusal(422, "IDEMPOTENCY_KEY_REUSED"),
];

type Move =
  | { move: "submit"; draft: number }
  | { move: "answer"; answer: Answer }
  | { move: "due" | "edited" | "cancel" | "reload" }
  | { move: "sleep"; ms: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ move: fc.constant("submit" as const), draft: fc.integer({ min: 0, max: 2 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ move: fc.constant("answer" as const), answer: fc.constantFrom(...ANSWERS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      move: fc.constantFrom("due" as const, "edited" as const, "cancel" as const, "reload" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ move: fc.constant("sleep" as const), ms: fc.integer({ min: 0, max: DAY_MS }) }),
  },
);

interface Sent {
  key: string;
  body: string;
  draft: string;
  atMs: number;
}

/** A visitor's doings and the network's, with every request that leaves the page. */
function play(
  all: LeadDraft[],
  path: Move[],
  look: (before: Machine, after: Machine, move: Move, nowMs: number) => void,
): Sent[] {
  let machine = NOTHING_SENT;
  let nowMs = 1_700_000_000_000;
  let keys = 0;
  const sent: Sent[] = [];
  const newKey = (): string => `key-${(keys += 1)}`;
  const apply = (event: SubmissionEvent): void => {
    const before = machine.phase;
    machine = step(machine, event);
    if (
      machine.phase !== before &&
      machine.phase.name === "sending" &&
      !machine.phase.stale &&
      machine.record?.body
    ) {
      const { key, fingerprint, body } = machine.record;
      sent.push({ key, body: canonicalJson(body), draft: fingerprint, atMs: nowMs });
    }
  };
  for (const move of path) {
    const before = machine;
    nowMs += 100;
    if (move.move === "sleep") nowMs += move.ms;
    else if (move.move === "submit") {
      const draft = all[move.draft % all.length];
      if (draft)
        apply({ type: "submit", draft, context: { elapsedMs: nowMs % 1_000_000 }, newKey: newKey(), nowMs });
    } else if (move.move === "answer") {
      apply({
        type: "answered",
        attempt: machine.attempts,
        answer: move.answer,
        newKey: newKey(),
        nowMs,
        jitter: 0.5,
      });
    } else if (move.move === "reload") {
      const kept = JSON.parse(JSON.stringify(machine.record)) as Machine["record"];
      machine = NOTHING_SENT;
      if (kept) apply({ type: "resume", record: kept, nowMs });
    } else apply({ type: move.move });
    look(before, machine, move, nowMs);
  }
  return sent;
}

describe("one key belongs to one body", () => {
  it("never sends two bodies under one key, whatever happens", () => {
    fc.assert(
      fc.property(
        fc.array(drafts, { minLength: 1, maxLength: 3 }),
        fc.array(moves, { maxLength: 60 }),
        (all, path) => {
          const bodies = new Map<string, string>();
          for (const { key, body } of play(all, path, () => undefined)) {
            expect(bodies.get(key) ?? body).toBe(body);
            bodies.set(key, body);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps the key for the same draft until it is accepted, refused as a key, or forgotten by the server", () => {
    fc.assert(
      fc.property(drafts, fc.array(moves, { maxLength: 60 }), (draft, path) => {
        let ended = 0;
        const sent = play([draft], path, (before, after, move) => {
          const isAnswered = move.move === "answer" && before.phase.name === "sending";
          if (isAnswered && after.phase.name === "done") ended += 1;
          if (isAnswered && before.record?.key !== after.record?.key) ended += 1;
        });
        const firstUse = new Map<string, number>();
        for (const { key, atMs } of sent) if (!firstUse.has(key)) firstUse.set(key, atMs);
        const times = [...firstUse.values()];
        // Every key beyond the first has a reason: the end of the one before, or its age.
        const expired = times.filter(
          (atMs, index) => index > 0 && atMs - (times[index - 1] ?? 0) >= DAY_MS,
        ).length;
        expect(firstUse.size).toBeLessThanOrEqual(1 + ended + expired);
      }),
      { numRuns: 500 },
    );
  });

  it("takes another key for another draft", () => {
    fc.assert(
      fc.property(drafts, drafts, (one, other) => {
        fc.pre(canonicalJson(one) !== canonicalJson(other));
        const first = recordFor(null, one, { elapsedMs: 5000 }, "a", 0);
        expect(recordFor(first, other, { elapsedMs: 9000 }, "b", 1).key).toBe("b");
      }),
    );
  });

  it("freezes what the page added, so that a later submit of the same draft is the same body", () => {
    fc.assert(
      fc.property(drafts, fc.nat(), fc.nat(), (draft, early, late) => {
        const first = recordFor(null, draft, { elapsedMs: early }, "a", 0);
        const again = recordFor({ ...first, body: null }, { ...draft }, { elapsedMs: late }, "b", 1);
        expect(again).toEqual(first);
      }),
    );
  });

  it("tells drafts apart by content and not by the order of their members", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const turned = Object.fromEntries(Object.entries(draft).reverse()) as unknown as LeadDraft;
        expect(fingerprintOf(turned)).toBe(fingerprintOf(draft));
      }),
    );
  });
});

describe("the way of one submission", () => {
  it("ignores a second submit while the first is on its way, and an answer to an earlier try", () => {
    fc.assert(
      fc.property(
        fc.array(drafts, { minLength: 1, maxLength: 3 }),
        fc.array(moves, { maxLength: 60 }),
        (all, path) => {
          play(all, path, (before, after, move) => {
            if (before.phase.name === "sending" && move.move === "submit") expect(after).toBe(before);
            if (before.phase.name === "sending") {
              const late: SubmissionEvent = {
                type: "answered",
                attempt: before.attempts - 1,
                answer: { kind: "unreachable" },
                newKey: "x",
                nowMs: 0,
                jitter: 0,
              };
              expect(step(before, late)).toBe(before);
            }
          });
        },
      ),
    );
  });

  it("keeps contact details on the device only while a submission is unfinished", () => {
    fc.assert(
      fc.property(
        fc.array(drafts, { minLength: 1, maxLength: 3 }),
        fc.array(moves, { maxLength: 60 }),
        (all, path) => {
          play(all, path, (_before, { phase, record }) => {
            const isUnfinished = phase.name === "sending" || phase.name === "waiting";
            expect(Boolean(record?.body)).toBe(isUnfinished);
          });
        },
      ),
    );
  });

  it("never tries again before Retry-After, and never later than half a minute without one", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.option(fc.nat(100_000)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (waits, retryAfterS, jitter) => {
          const ms = backoffMs(waits, retryAfterS, jitter);
          if (retryAfterS === null) expect(ms >= 500 && ms <= 30_000).toBe(true);
          else expect(ms).toBeGreaterThanOrEqual(retryAfterS * 1000);
        },
      ),
    );
  });

  const waits: [Answer, WaitReason][] = [
    [refusal(409, "REQUEST_IN_PROGRESS", 1), "in_progress"],
    [refusal(429, "RATE_LIMITED", 1), "rate_limited"],
    [refusal(503, "SERVICE_UNAVAILABLE", 1), "unavailable"],
    [{ kind: "unreachable" }, "offline"],
    [{ kind: "captcha_unavailable" }, "captcha"],
  ];
  it.each(waits)("waits and says why: %j", (answer, reason) => {
    const [draft] = fc.sample(drafts, 1);
    if (!draft) throw new Error("no draft");
    const sending = step(NOTHING_SENT, {
      type: "submit",
      draft,
      context: { elapsedMs: 1 },
      newKey: "a",
      nowMs: 0,
    });
    const waiting = step(sending, { type: "answered", attempt: 1, answer, newKey: "b", nowMs: 0, jitter: 0 });
    expect(waiting.phase).toMatchObject({ name: "waiting", reason });
    expect(waiting.record?.key).toBe("a");
  });

  it("gives up on faults that trying does not heal, but never on a 503", () => {
    const [draft] = fc.sample(drafts, 1);
    if (!draft) throw new Error("no draft");
    const after = (answer: Answer, tries: number): string => {
      let machine = step(NOTHING_SENT, {
        type: "submit",
        draft,
        context: { elapsedMs: 1 },
        newKey: "a",
        nowMs: 0,
      });
      for (let count = 0; count < tries; count += 1) {
        machine = step(machine, {
          type: "answered",
          attempt: machine.attempts,
          answer,
          newKey: "b",
          nowMs: 0,
          jitter: 0,
        });
        machine = step(machine, { type: "due" });
      }
      return machine.phase.name;
    };
    expect(after(refusal(500, "INTERNAL_ERROR"), 4)).toBe("sending");
    expect(after(refusal(500, "INTERNAL_ERROR"), 5)).toBe("refused");
    expect(after(refusal(400, "CAPTCHA_FAILED"), 3)).toBe("refused");
    expect(after(refusal(422, "IDEMPOTENCY_KEY_REUSED"), 3)).toBe("refused");
    expect(after(refusal(503, "DATABASE_BUSY", 1), 50)).toBe("sending");
  });
});
