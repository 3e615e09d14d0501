// Where a submission's record stays between two pages: localStorage["plumbline:<form>:submission"].
import { isRecord } from "@/shared/api/client";
import { deviceStorage, loadState, removeState, saveState } from "@/shared/storage/savedState";

import type { SubmissionRecord } from "./submission.ts";
import type { RecordStore } from "./submitter.ts";

function isSubmissionRecord(value: unknown): value is SubmissionRecord {
  return (
    isRecord(value) &&
    typeof value["key"] === "string" &&
    typeof value["fingerprint"] === "string" &&
    typeof value["startedAtMs"] === "number" &&
    isRecord(value["context"]) &&
    (value["body"] === null || isRecord(value["body"]))
  );
}

export function recordStore(form: string): RecordStore {
  const name = `${form}:submission`;
  const load = (): SubmissionRecord | null => {
    const data = loadState(deviceStorage(), name, Date.now());
    return isSubmissionRecord(data) ? data : null;
  };
  return {
    load,
    save: (record) => {
      saveState(deviceStorage(), name, record, Date.now());
    },
    remove: (key) => {
      if (load()?.key === key) removeState(deviceStorage(), name);
    },
  };
}

/**
 * A key nobody else has: 128 random bits. (crypto.randomUUID is missing where the page is not served
 * securely.)
 */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
