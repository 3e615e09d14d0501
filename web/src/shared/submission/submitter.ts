// Runs the state machine of submission.ts: sends, waits, and keeps the record on the device before anything
// leaves it. One submitter belongs to one form on one page. It never throws: every failure becomes a phase.
import { ApiError, Unreachable } from "@/shared/api/client";
import type { LeadAnswer, LeadBody, LeadContext, LeadDraft } from "@/shared/api/types";

import type { Answer, Machine, SubmissionEvent, SubmissionRecord } from "./submission.ts";
import { NOTHING_SENT, step } from "./submission.ts";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface RecordStore {
  load: () => SubmissionRecord | null;
  save: (record: SubmissionRecord) => void;
  /** Drop the record of this key; another tab may have put a newer one in its place. */
  remove: (key: string) => void;
}

export interface SubmitterParts {
  /** A captcha token nobody has used yet. */
  freshToken: (signal: AbortSignal) => Promise<string>;
  post: (body: LeadBody, key: string, token: string, signal: AbortSignal) => Promise<LeadAnswer>;
  store: RecordStore;
  newKey: () => string;
}

export interface Submitter {
  snapshot: () => Machine;
  subscribe: (listener: () => void) => () => void;
  /** Take up what an earlier page left unfinished, and run until the returned function is called. */
  start: () => () => void;
  submit: (draft: LeadDraft, context: LeadContext) => void;
  retryNow: () => void;
  edited: () => void;
  cancel: () => void;
}

async function tryOnce(
  parts: SubmitterParts,
  record: SubmissionRecord,
  body: LeadBody,
  signal: AbortSignal,
): Promise<Answer> {
  let token: string;
  try {
    token = await parts.freshToken(signal);
  } catch (reason) {
    return {
      kind: reason instanceof Unreachable || !navigator.onLine ? "unreachable" : "captcha_unavailable",
    };
  }
  try {
    return { kind: "accepted", lead: await parts.post(body, record.key, token, signal) };
  } catch (reason) {
    if (reason instanceof ApiError)
      return { kind: "refused", problem: reason.problem, retryAfterS: reason.retryAfterS };
    return { kind: "unreachable" };
  }
}

export function createSubmitter(parts: SubmitterParts): Submitter {
  let machine: Machine = NOTHING_SENT;
  let running: { attempt: number; abort: AbortController } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();

  function keep(before: SubmissionRecord | null, after: SubmissionRecord | null): void {
    if (before === after) return;
    if (after) parts.store.save(after);
    else if (before) parts.store.remove(before.key);
  }

  function act(): void {
    const { phase, record } = machine;
    clearTimeout(timer);
    if (running && (phase.name !== "sending" || phase.attempt !== running.attempt)) {
      running.abort.abort();
      running = null;
    }
    if (phase.name === "waiting") {
      timer = setTimeout(
        () => {
          dispatch({ type: "due" });
        },
        Math.min(LONGEST_TIMER_MS, Math.max(0, phase.retryAtMs - Date.now())),
      );
    }
    if (phase.name !== "sending" || running || !record?.body) return;
    const mine = { attempt: phase.attempt, abort: new AbortController() };
    running = mine;
    void tryOnce(parts, record, record.body, mine.abort.signal).then((answer) => {
      if (mine.abort.signal.aborted) return;
      const times = { nowMs: Date.now(), jitter: Math.random() };
      dispatch({ type: "answered", attempt: mine.attempt, answer, newKey: parts.newKey(), ...times });
    });
  }

  function dispatch(event: SubmissionEvent): void {
    const before = machine;
    machine = step(before, event);
    if (machine === before) return;
    keep(before.record, machine.record);
    act();
    for (const listener of listeners) listener();
  }

  function online(): void {
    const { phase } = machine;
    if (phase.name === "waiting" && (phase.reason === "offline" || phase.reason === "captcha"))
      dispatch({ type: "due" });
  }

  return {
    snapshot: () => machine,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      const record = machine.record ? null : parts.store.load();
      if (record) dispatch({ type: "resume", record, nowMs: Date.now() });
      else act();
      window.addEventListener("online", online);
      return () => {
        window.removeEventListener("online", online);
        clearTimeout(timer);
        running?.abort.abort();
        running = null;
      };
    },
    submit: (draft, context) => {
      dispatch({ type: "submit", draft, context, newKey: parts.newKey(), nowMs: Date.now() });
    },
    retryNow: () => {
      dispatch({ type: "due" });
    },
    edited: () => {
      dispatch({ type: "edited" });
    },
    cancel: () => {
      dispatch({ type: "cancel" });
    },
  };
}
