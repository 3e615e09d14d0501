// The submit that survives, as a pure state machine: which Idempotency-Key belongs to which body, and when
// the next try is due. The runner beside it (submitter.ts) does what the phases say; nothing here reads a
// clock, a network or a storage.
//
// One key belongs to exactly one body. The body is what the visitor decided (the draft) plus what the page
// added at the first submit (the context), and stays the same, byte for byte, through every retry and reload.
// The captcha token is not part of it.
import type { LeadAnswer, LeadBody, LeadContext, LeadDraft, Problem } from "@/shared/api/types";

const KEY_LIFE_MS = 24 * 60 * 60 * 1000; // the server forgets a key after 24 h (R6.2)
const LONGEST_BACKOFF_MS = 30_000;
const MOST_CAPTCHA_FAILURES = 3;
const MOST_KEY_REPLACEMENTS = 2;
const MOST_SERVER_ERRORS = 5;

export interface SubmissionRecord {
  key: string;
  /** Of the draft: tells an edit from a retry also when the body itself is no longer kept. */
  fingerprint: string;
  context: LeadContext;
  /**
   * The unfinished submission; null once it was cancelled or refused, so that no contact details stay behind.
   */
  body: LeadBody | null;
  startedAtMs: number;
}

export type WaitReason = "offline" | "in_progress" | "rate_limited" | "unavailable" | "captcha";

export type Answer =
  | { kind: "accepted"; lead: LeadAnswer }
  | { kind: "refused"; problem: Problem; retryAfterS: number | null }
  | { kind: "unreachable" }
  | { kind: "captcha_unavailable" };

export type Phase =
  | { name: "idle"; notice: "cancelled" | "edited" | null }
  /** *stale*: the visitor has edited the form meanwhile, so this try is the last one of its body. */
  | { name: "sending"; attempt: number; stale: boolean }
  | { name: "waiting"; reason: WaitReason; retryAtMs: number }
  | { name: "done"; lead: LeadAnswer; body: LeadBody }
  | { name: "refused"; problem: Problem };

export interface Machine {
  record: SubmissionRecord | null;
  phase: Phase;
  attempts: number;
  /** Whether this submission was begun before the page was loaded. */
  resumed: boolean;
  waits: number;
  captchaFailures: number;
  keyReplacements: number;
  serverErrors: number;
}

export type SubmissionEvent =
  | { type: "submit"; draft: LeadDraft; context: LeadContext; newKey: string; nowMs: number }
  | { type: "resume"; record: SubmissionRecord; nowMs: number }
  | { type: "answered"; attempt: number; answer: Answer; newKey: string; nowMs: number; jitter: number }
  | { type: "due" }
  | { type: "edited" }
  | { type: "cancel" };

const FRESH = {
  attempts: 0,
  resumed: false,
  waits: 0,
  captchaFailures: 0,
  keyReplacements: 0,
  serverErrors: 0,
};

export const NOTHING_SENT: Machine = { record: null, phase: { name: "idle", notice: null }, ...FRESH };

/** A value as JSON with sorted names, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/**
 * 53 bits of the draft (cyrb53). Two drafts that met by chance would cost one IDEMPOTENCY_KEY_REUSED, which
 * is handled.
 */
export function fingerprintOf(draft: LeadDraft): string {
  const text = canonicalJson(draft);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

/** Whether the server may still know the record's key. A clock set far back counts as no. */
export function isAlive(record: SubmissionRecord, nowMs: number): boolean {
  return Math.abs(nowMs - record.startedAtMs) < KEY_LIFE_MS;
}

/**
 * The record to send *draft* under: the one there is if it belongs to this very draft, else one with the new
 * key.
 */
export function recordFor(
  before: SubmissionRecord | null,
  draft: LeadDraft,
  context: LeadContext,
  newKey: string,
  nowMs: number,
): SubmissionRecord {
  const fingerprint = fingerprintOf(draft);
  if (before?.fingerprint === fingerprint && isAlive(before, nowMs)) {
    return { ...before, body: { ...draft, ...before.context } };
  }
  return { key: newKey, fingerprint, context, body: { ...draft, ...context }, startedAtMs: nowMs };
}

/**
 * Milliseconds before try *waits* + 1: 1 s, 2 s, 4 s … 30 s, each between half and all of it; never before
 * Retry-After.
 */
export function backoffMs(waits: number, retryAfterS: number | null, jitter: number): number {
  const grown = Math.min(LONGEST_BACKOFF_MS, 1000 * 2 ** Math.min(waits, 10)) * (0.5 + jitter / 2);
  return retryAfterS === null ? grown : Math.max(1, retryAfterS) * 1000 + jitter * 250;
}

function send(machine: Machine): Machine {
  const attempt = machine.attempts + 1;
  return { ...machine, attempts: attempt, phase: { name: "sending", attempt, stale: false } };
}

function settle(machine: Machine, phase: Phase): Machine {
  return { ...machine, phase, record: machine.record && { ...machine.record, body: null } };
}

function waitReason(problem: Problem): WaitReason | null {
  if (problem.status === 409) return "in_progress";
  if (problem.status === 429) return "rate_limited";
  return problem.status >= 500 ? "unavailable" : null;
}

type Answered = Extract<SubmissionEvent, { type: "answered" }>;

function wait(machine: Machine, reason: WaitReason, retryAfterS: number | null, event: Answered): Machine {
  const retryAtMs = event.nowMs + backoffMs(machine.waits, retryAfterS, event.jitter);
  return { ...machine, waits: machine.waits + 1, phase: { name: "waiting", reason, retryAtMs } };
}

function refused(machine: Machine, problem: Problem, retryAfterS: number | null, event: Answered): Machine {
  const { record } = machine;
  if (
    problem.code.startsWith("IDEMPOTENCY_KEY_") &&
    record &&
    machine.keyReplacements < MOST_KEY_REPLACEMENTS
  ) {
    const renewed = { ...record, key: event.newKey, startedAtMs: event.nowMs };
    return send({ ...machine, record: renewed, keyReplacements: machine.keyReplacements + 1 });
  }
  if (problem.code === "CAPTCHA_FAILED" && machine.captchaFailures + 1 < MOST_CAPTCHA_FAILURES) {
    return send({ ...machine, captchaFailures: machine.captchaFailures + 1 });
  }
  // 503 says that trying again helps. Any other 5xx is a fault of ours, which a few tries may outlive and a
  // hundred will not.
  const serverErrors = machine.serverErrors + (problem.status >= 500 && problem.status !== 503 ? 1 : 0);
  const reason = waitReason(problem);
  if (reason && serverErrors < MOST_SERVER_ERRORS)
    return wait({ ...machine, serverErrors }, reason, retryAfterS, event);
  return settle(machine, { name: "refused", problem });
}

function answered(machine: Machine, event: Answered): Machine {
  const { phase, record } = machine;
  if (phase.name !== "sending" || phase.attempt !== event.attempt || !record?.body) return machine;
  const { answer } = event;
  if (answer.kind === "accepted")
    return { ...machine, record: null, phase: { name: "done", lead: answer.lead, body: record.body } };
  if (phase.stale) return settle(machine, { name: "idle", notice: "edited" });
  if (answer.kind === "refused") return refused(machine, answer.problem, answer.retryAfterS, event);
  return wait(machine, answer.kind === "unreachable" ? "offline" : "captcha", null, event);
}

/**
 * The machine after *event*. An event that does not fit the phase changes nothing, so that a double click is
 * one submission.
 */
export function step(machine: Machine, event: SubmissionEvent): Machine {
  const { phase } = machine;
  switch (event.type) {
    case "submit": {
      if (phase.name === "sending" || phase.name === "done") return machine;
      const record = recordFor(machine.record, event.draft, event.context, event.newKey, event.nowMs);
      const same = phase.name === "waiting" && record.key === machine.record?.key;
      return send(
        same ? { ...machine, record } : { ...machine, ...FRESH, attempts: machine.attempts, record },
      );
    }
    case "resume": {
      if (phase.name !== "idle" || machine.record || !isAlive(event.record, event.nowMs)) return machine;
      const resumed = { ...machine, record: event.record, resumed: true };
      return event.record.body ? send(resumed) : { ...resumed, resumed: false };
    }
    case "answered":
      return answered(machine, event);
    case "due":
      return phase.name === "waiting" ? send(machine) : machine;
    case "edited":
      if (phase.name === "waiting") return settle(machine, { name: "idle", notice: "edited" });
      if (phase.name === "sending") return { ...machine, phase: { ...phase, stale: true } };
      // Said once per interruption, and for as long as the typing goes on.
      return phase.name === "idle" && phase.notice === "cancelled"
        ? { ...machine, phase: { name: "idle", notice: null } }
        : machine;
    case "cancel":
      if (phase.name !== "waiting" && phase.name !== "sending") return machine;
      return settle(machine, { name: "idle", notice: "cancelled" });
  }
}
